import { createCosineIndex, topK } from '@tributary/model';
import { describe, expect, it } from 'vitest';
import { alsModel, factorisationModel, genreOf, personWith } from './fitted-person.cases.ts';
import type { FittedPerson } from './fitted-person.ts';
import { popularityOf } from './popularity-cache.ts';
import { checkRecommendQuery } from './query.ts';
import { recommendItems } from './recommend.ts';

const list = (person: FittedPerson, query = {}) => recommendItems(person, checkRecommendQuery(query)).items;
const indicesOf = (items: readonly { readonly id: string }[]) => items.map(({ id }) => Number(id.slice(5)));

describe('recommendItems', () => {
  const model = alsModel();
  const westerner = personWith(model, [0, 2, 6]);

  it('lists what people of the same taste like, best first, without the history', () => {
    const items = list(westerner, { count: 7 });
    expect(indicesOf(items).map(genreOf)).toEqual(Array(7).fill('western'));
    expect(indicesOf(items)).not.toEqual(expect.arrayContaining([0]));
    const scores = items.map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  });

  it('lists only items with all of the attributes, and none that is excluded', () => {
    expect(indicesOf(list(westerner, { attributes: ['western', 'new'] })).sort()).toEqual([12, 16, 4, 8]);
    expect(indicesOf(list(westerner, { attributes: ['new'], exclude: ['film-8', 'film-99'] })).sort()).toEqual([
      12, 16, 4,
    ]);
    expect(list(westerner, { attributes: ['western', 'musical'] })).toEqual([]);
    expect(indicesOf(list(westerner, { attributes: ['musical'] })).map(genreOf)).toEqual(Array(10).fill('musical'));
  });

  it('holds items that are less alike the higher the diversity, the best one always first', () => {
    const index = createCosineIndex(model.bound.itemVectors());
    const likeness = (query: object) => {
      const items = indicesOf(list(westerner, query));
      expect(items[0]).toBe(indicesOf(list(westerner))[0]);
      return items.reduce((sum, a) => sum + items.reduce((of, b) => of + index.between(a, b), 0), 0);
    };
    const [plain, some, all] = [0, 0.5, 1].map((diversity) => likeness({ count: 5, diversity }));
    expect(some).toBeLessThan(plain);
    expect(all).toBeLessThan(plain);
    expect(list(westerner, { count: 5, diversity: 0 })).toEqual(list(westerner, { count: 5 }));
    expect(new Set(indicesOf(list(westerner, { diversity: 1 })).map(genreOf)).size).toBe(2);
  });

  it.each([
    ['implicit-als', model],
    ['matrix factorisation', factorisationModel()],
  ])('lists what the model takes to be popular for a person without a history, with filters: %s', (_, of) => {
    const nobody = personWith(of, []);
    const { items, basis } = recommendItems(nobody, checkRecommendQuery({ count: 5 }));
    expect(basis).toBe('popularity');
    expect(indicesOf(items)).toEqual([...topK(popularityOf(of.bound), 5).items]);
    const westerns = indicesOf(list(nobody, { attributes: ['western'], exclude: ['film-4'], count: 20 }));
    expect(westerns.toSorted((a, b) => a - b)).toEqual([0, 2, 6, 8, 10, 12, 14, 16, 18]);
  });
});

describe('checkRecommendQuery', () => {
  it.each([
    [{ count: 0 }, /count/],
    [{ exclude: 'film-1' }, /exclude/],
    [{ attributes: [7] }, /attributes/],
    [{ diversity: 1.5 }, /diversity/],
    [{ diversity: Number.NaN }, /diversity/],
    [{ diversity: '0.5' }, /diversity/],
    [{ likes: 'film-1' }, /likes/],
    [{ likes: [7] }, /likes/],
    [{ likes: Array(101).fill('film-1') }, /likes to be an array of up to 100/],
    [{ words: 7 }, /words/],
    [{ words: 'x'.repeat(1001) }, /words to be a text of up to 1000 characters/],
    [null, /a query such as/],
  ])('refuses %j', (query, message) => {
    expect(() => checkRecommendQuery(query as never)).toThrow(
      expect.objectContaining({ code: 'invalid-option', message: expect.stringMatching(message) }),
    );
  });
});

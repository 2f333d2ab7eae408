import { describe, expect, it } from 'vitest';
import { alsModel, factorisationModel, genreOf, personWith } from './fitted-person.cases.ts';
import { pickItems } from './picks.ts';
import { checkRecommendQuery } from './query.ts';
import { recommendItems } from './recommend.ts';
import { createItemSearch } from './search.ts';

const model = alsModel();
const search = createItemSearch(undefined);
const indicesOf = (items: readonly { readonly id: string }[]) => items.map(({ id }) => Number(id.slice(5)));

async function list(history: readonly number[], query: object, of = model) {
  const wanted = checkRecommendQuery(query);
  const own = personWith(of, history);
  return recommendItems(own, wanted, await pickItems(of, wanted, search));
}
const musicalsIn = (items: readonly { readonly id: string }[]) =>
  indicesOf(items).filter((index) => genreOf(index) === 'musical').length;

describe('picked items', () => {
  it('move the list of a person without a history towards what is liked with them, and are not listed', async () => {
    const placesOf = (items: readonly { readonly id: string }[], genre: string) =>
      indicesOf(items).reduce((sum, index, place) => sum + (genreOf(index) === genre ? place : 0), 0);
    // Westerns fill the front of the popular list as it is.
    for (const pick of [3, 7, 17]) {
      const { items, basis } = await list([], { likes: [`film-${pick}`], count: 20 });
      expect(basis).toBe('picks');
      expect(indicesOf(items)).not.toContain(pick);
      const { items: before } = await list([], { count: 20, exclude: [`film-${pick}`] });
      expect(placesOf(items, genreOf(pick))).toBeLessThan(placesOf(before, genreOf(pick)));
    }
  });

  it('move the list of a person with a history, which is the basis all the same', async () => {
    const plain = await list([0, 2, 6], { count: 8 });
    const moved = await list([0, 2, 6], { count: 8, likes: ['film-1', 'film-3', 'film-5', 'film-7'] });
    expect([plain.basis, moved.basis]).toEqual(['history', 'history']);
    expect(musicalsIn(plain.items)).toBeLessThan(2);
    expect(musicalsIn(moved.items)).toBeGreaterThan(2);
    for (const index of [0, 2, 6, 1, 3, 5, 7]) expect(indicesOf(moved.items)).not.toContain(index);
  });

  it('leave the history and its vector as they were, and give the same list again', async () => {
    const wanted = checkRecommendQuery({ likes: ['film-1'] });
    for (const of of [model, factorisationModel()]) {
      const own = personWith(of, [0, 2]);
      const before = { items: [...own.history.items], vector: [...own.state.vector] };
      const once = recommendItems(own, wanted, await pickItems(of, wanted, search));
      expect({ items: [...own.history.items], vector: [...own.state.vector] }).toEqual(before);
      expect(recommendItems(own, wanted, await pickItems(of, wanted, search))).toEqual(once);
    }
  });

  it('are ids of the catalogue, and not repeated where they are not', async () => {
    await expect(list([], { likes: ['film-1', 'secret'] })).rejects.toMatchObject({
      code: 'unknown-item',
      message: expect.not.stringContaining('secret'),
    });
  });
});

describe('picked words', () => {
  it('stand for the items that search finds best, which may be listed', async () => {
    const { items, basis } = await list([], { words: 'a duel of singers', count: 10 });
    expect(basis).toBe('picks');
    expect(indicesOf((await list([], { words: 'a duel of singers', count: 20 })).items)).toContain(7);
    expect(musicalsIn(items)).toBeGreaterThan(musicalsIn((await list([], { count: 10 })).items));
    expect(musicalsIn((await list([], { words: 'western', count: 6 })).items)).toBeLessThan(3);
  });

  it('go with picked items, which count as the latest', async () => {
    const picks = await pickItems(model, { likes: ['film-2'], words: 'duel' }, search);
    expect(picks).toEqual({ likes: Uint32Array.of(2), found: Uint32Array.of(7) });
  });

  it('are as if they were not there where they are blank, or found nowhere', async () => {
    for (const words of ['', '  ', 'zebra']) {
      expect(await list([], { words })).toEqual(await list([], {}));
      expect(await list([0, 2], { words })).toEqual(await list([0, 2], {}));
    }
  });
});

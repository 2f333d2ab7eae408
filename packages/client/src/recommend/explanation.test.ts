import { describe, expect, it } from 'vitest';
import { explainAbsence, explainItem } from './explanation.ts';
import { alsModel, factorisationModel, genreOf, personWith } from './fitted-person.cases.ts';
import type { FittedPerson } from './fitted-person.ts';
import { checkItemQuery, checkRecommendQuery } from './query.ts';
import { recommendItems } from './recommend.ts';

const mixed = [0, 1, 2, 3, 6];
const models = [
  ['implicit-als', alsModel()],
  ['matrix factorisation', factorisationModel()],
] as const;
const listed = (person: FittedPerson, query: object) => recommendItems(person, checkRecommendQuery(query)).items;

describe.each(models)('explainItem, %s', (_, model) => {
  const person = personWith(model, mixed);

  it('accounts for the very score in the list, item by item of the history', async () => {
    for (const { id, score } of listed(person, { count: 4 })) {
      const explanation = await explainItem(person, id);
      expect(explanation).toMatchObject({ itemId: id, score });
      const values = explanation.contributions.map(({ value }) => value);
      expect(explanation.base + values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(score, 10);
      expect(values).toEqual(values.toSorted((a, b) => b - a));
      expect(explanation.contributions.map(({ itemId, title }) => `${itemId} ${title}`).sort()).toEqual(
        mixed.map((index) => `film-${index} Film ${index}`),
      );
    }
  });

  it('says the same when asked again', async () => {
    expect(await explainItem(person, 'film-9')).toEqual(await explainItem(person, 'film-9'));
  });

  it('refuses what the catalogue does not have', async () => {
    await expect(explainItem(person, 'secret')).rejects.toMatchObject({
      code: 'unknown-item',
      message: expect.not.stringContaining('secret'),
    });
  });
});

it('names films of the same genre as the reason, in a world of two genres', async () => {
  const { contributions } = await explainItem(personWith(models[0][1], mixed), 'film-9');
  expect(contributions.slice(0, 2).map(({ itemId }) => genreOf(Number(itemId.slice(5))))).toEqual([
    'musical',
    'musical',
  ]);
});

describe('explainAbsence', () => {
  const person = personWith(models[0][1], mixed);
  const query = checkItemQuery({ count: 3 }, 'whyNot()');
  const all = listed(person, { count: 20 });

  it('says how many better items there are, and which score would have been enough', async () => {
    const { reasons, rank, score, neededScore } = await explainAbsence(person, all[6].id, query);
    expect({ reasons, rank, score, neededScore }).toEqual({
      reasons: ['below'],
      rank: 7,
      score: all[6].score,
      neededScore: all[2].score,
    });
    expect(score).toBeLessThan(neededScore);
  });

  it('says that the person has had it', async () => {
    const { reasons, contributions } = await explainAbsence(person, 'film-2', query);
    expect(reasons).toContain('in-history');
    expect(contributions).toHaveLength(5);
  });

  it('has no reason where the item is in the list, and ranks within the filters', async () => {
    expect((await explainAbsence(person, all[2].id, query)).reasons).toEqual([]);
    const attributes = ['new'];
    const ofNew = listed(person, { count: 20, attributes });
    const absence = await explainAbsence(person, ofNew[3].id, checkItemQuery({ count: 3, attributes }, 'whyNot()'));
    expect(absence).toMatchObject({ reasons: ['below'], rank: 4, neededScore: ofNew[2].score });
  });
});

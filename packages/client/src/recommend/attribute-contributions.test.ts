import { explainScore, seededRandom } from '@tributary/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attributeContributions } from './attribute-contributions.ts';
import { explainItem } from './explanation.ts';
import { alsModel, catalogue, factorisationModel, itemCount, personWith } from './fitted-person.cases.ts';

const als = alsModel();
const histories = fc.uniqueArray(fc.integer({ min: 0, max: itemCount - 1 }), { minLength: 1, maxLength: 8 });
const item = fc.integer({ min: 0, max: itemCount - 1 });
const indexOf = (id: string) => Number(id.slice(5));
const sumOf = (values: readonly { readonly value: number }[]) => values.reduce((sum, { value }) => sum + value, 0);

describe('attributeContributions', () => {
  it('gives each item to the rarest attribute that it shares, and to no other', () => {
    // 'new' (5 items) is rarer than 'western' (10).
    const contributions = [
      { item: 8, value: 3 },
      { item: 2, value: 2 },
      { item: 6, value: 0.5 },
      { item: 3, value: -1 },
      { item: 12, value: -2 },
    ];
    expect(attributeContributions(catalogue, 4, contributions)).toEqual([
      { attribute: 'western', itemIds: ['film-2', 'film-6'], value: 2.5 },
      { attribute: 'new', itemIds: ['film-8', 'film-12'], value: 1 },
    ]);
    expect(attributeContributions(catalogue, 2, contributions)).toEqual([
      { attribute: 'western', itemIds: ['film-8', 'film-2', 'film-6', 'film-12'], value: 3.5 },
    ]);
    expect(attributeContributions(catalogue, 5, contributions)).toEqual([
      { attribute: 'musical', itemIds: ['film-3'], value: -1 },
    ]);
  });

  it.each([
    ['implicit-als', als],
    ['matrix factorisation', factorisationModel()],
  ])('reads the same sum a second time: each part once, and with the rest the score, %s', async (_, model) => {
    await fc.assert(
      fc.asyncProperty(histories, item, async (history, of) => {
        const { score, base, contributions, attributes } = await explainItem(personWith(model, history), `film-${of}`);
        const named = attributes.flatMap(({ itemIds }) => itemIds);
        expect(new Set(named).size).toBe(named.length);
        for (const { itemIds, value } of attributes) {
          expect(value).toBeCloseTo(sumOf(contributions.filter(({ itemId }) => itemIds.includes(itemId))), 10);
        }
        const rest = contributions.filter(({ itemId }) => !named.includes(itemId));
        expect(base + sumOf(attributes) + sumOf(rest)).toBeCloseTo(score, 10);
      }),
      { numRuns: 25 },
    );
  });

  it('says what the score loses without the named items, the system of implicit-als held', async () => {
    const { values, width } = als.bound.itemVectors();
    const row = (of: number) => Array.from(values.subarray(of * width, (of + 1) * width));
    await fc.assert(
      fc.asyncProperty(histories, item, async (history, of) => {
        const { score, attributes } = await explainItem(personWith(als, history), `film-${of}`);
        // x = A^-1 sum of v: the score without some of the sum, A as it is, by solving for the vector that remains.
        const scoreOf = (counted: readonly number[]) => {
          const x = solve(systemOf(history.map(row), values, width), sumRows(counted.map(row), width));
          return row(of).reduce((sum, value, k) => sum + value * x[k], 0);
        };
        expect(scoreOf(history)).toBeCloseTo(score, 4);
        for (const { itemIds, value } of attributes) {
          const left = history.filter((had) => !itemIds.map(indexOf).includes(had));
          expect(scoreOf(history) - scoreOf(left)).toBeCloseTo(value, 5);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('is what the score loses where an item that stands alone is deleted and the vector fitted anew, in other tasks', async () => {
    const model = factorisationModel();
    const person = personWith(model, [2, 3, 5]);
    const random = (draw: number) => seededRandom(4, draw);
    const { contributions } = await explainScore(model.bound, person.state, person.history, 4, { random, draws: 1 });
    const [{ itemIds, value }] = attributeContributions(catalogue, 4, contributions);
    expect(itemIds).toEqual(['film-2']);
    const scoreOf = (items: readonly number[]) =>
      model.bound.score(model.bound.fitPrivateState({ items: Uint32Array.from(items) }, random(0)))[4];
    expect(scoreOf([2, 3, 5]) - scoreOf([3, 5])).toBeCloseTo(value, 5);
  });
});

/** A of a person of the test's model: a0 G + sum of v v^T + a ridge (unobserved weight .1, regularisation .02). */
function systemOf(rows: readonly (readonly number[])[], values: Float32Array, width: number): number[][] {
  const ridge = 0.02 * (rows.length + 0.1 * itemCount);
  return Array.from({ length: width }, (_, i) =>
    Array.from({ length: width }, (_, j) => {
      let sum = i === j ? ridge : 0;
      for (let at = 0; at < values.length; at += width) sum += 0.1 * values[at + i] * values[at + j];
      return rows.reduce((of, row) => of + row[i] * row[j], sum);
    }),
  );
}

function sumRows(rows: readonly (readonly number[])[], width: number): number[] {
  return Array.from({ length: width }, (_, k) => rows.reduce((sum, row) => sum + row[k], 0));
}

/** Gauss-Jordan; the matrix is positive definite. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]]);
  for (let c = 0; c < rows.length; c++) {
    for (let r = 0; r < rows.length; r++) {
      if (r === c) continue;
      const factor = rows[r][c] / rows[c][c];
      for (let k = c; k < rows[r].length; k++) rows[r][k] -= factor * rows[c][k];
    }
  }
  return rows.map((row, i) => row[row.length - 1] / row[i]);
}

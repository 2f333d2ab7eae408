import { describe, expect, it } from 'vitest';
import { constantFeature, itemFeatures } from './item-features.ts';

const items = [
  { title: 'Heat (1995)', attributes: ['Action', 'Crime'] },
  { title: 'Alien (1979)', attributes: ['Horror', 'Action'] },
  { title: 'Psycho (1960) ', attributes: ['Horror', 'Crime', 'Horror'] },
  { title: 'Nobody knows when', attributes: ['Only here'] },
];

/** Row by row. */
function rowsOf({ columns, values }: { readonly columns: number; readonly values: Float64Array }): number[][] {
  return Array.from({ length: values.length / columns }, (_, i) => [
    ...values.subarray(i * columns, (i + 1) * columns),
  ]);
}

describe('features of items', () => {
  const rows = rowsOf(itemFeatures(items));

  it('are a constant, and the attributes that tell some items from others', () => {
    // All three attributes have two items, so they stand in the order of their names; the fourth has one.
    expect(rows.map((row) => row.slice(0, 4))).toEqual([
      [1, 1, 1, 0],
      [1, 1, 0, 1],
      [1, 0, 1, 1],
      [1, 0, 0, 0],
    ]);
  });

  it('have a bump about the release year at the end of a title, none where there is no year', () => {
    const centres = [1960, 1965, 1970, 1975, 1980, 1985, 1990, 1995];
    expect(rows[0]).toHaveLength(4 + centres.length);
    [1995, 1979, 1960].forEach((year, i) => {
      centres.forEach((centre, j) => {
        expect(rows[i][4 + j]).toBeCloseTo(Math.exp(-((year - centre) ** 2) / 50), 12);
      });
    });
    expect(rows[3].slice(4)).toEqual(centres.map(() => 0));
  });

  it('are at most 64 attributes, the most frequent', () => {
    const many = Array.from({ length: 100 }, (_, i) => ({
      title: `Item ${i}`,
      attributes: Array.from({ length: 100 }, (_, j) => `${j}`).filter((_, j) => i <= j),
    }));
    const all = rowsOf(itemFeatures(many));
    // Attribute j is of the j + 1 first items; that of all 100 tells nothing.
    expect(all[0]).toHaveLength(65);
    expect(all.map((row) => row.slice(1).reduce((sum, value) => sum + value, 0))).toEqual(
      many.map((_, i) => Array.from({ length: 64 }, (_, k) => 98 - k).filter((j) => i <= j).length),
    );
  });

  it('are the constant alone where nothing is known', () => {
    const bare = [1, 2, 3].map((id) => ({ title: `${id}`, attributes: [] }));
    expect(itemFeatures(bare)).toEqual(constantFeature(3));
  });
});

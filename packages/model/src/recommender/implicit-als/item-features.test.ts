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

  it('are numbers in standard deviations from their mean, by name, no further than three, and 0 where there is none', () => {
    const priced = [1, 2, 3, 1000, null].map((price, i) => ({
      title: `Thing ${i}`,
      attributes: [
        ...(price === null ? [] : [`price = ${price}`]),
        `size=${i % 2}`,
        'size=big',
        i < 2 ? 'a=b=3' : 'tool',
      ],
    }));
    const features = rowsOf(itemFeatures(priced));
    // The constant, "tool" of three; "a=b=3" and "size=big" are words: the one of two items, the other of all. Then price, size.
    expect(features[0]).toHaveLength(5);
    const prices = [1, 2, 3, 1000];
    const mean = 251.5;
    const deviation = Math.sqrt(prices.reduce((sum, price) => sum + (price - mean) ** 2, 0) / 4);
    prices.forEach((price, i) => {
      expect(features[i][3]).toBeCloseTo((price - mean) / deviation, 10);
    });
    expect(features[4][3]).toBe(0);
    const sized = rowsOf(
      itemFeatures([...Array(30)].map((_, i) => ({ title: `${i}`, attributes: [`n=${i === 7 ? 99 : 0}`] }))),
    );
    expect(sized[7][1]).toBe(3);
  });

  it('are as many categories as the caller has use for: links to a knowledge graph are many', () => {
    const linked = Array.from({ length: 400 }, (_, i) => ({ title: `${i}`, attributes: [`directed by ${i >> 1}`] }));
    expect(itemFeatures(linked, { mostAttributes: 1000 }).columns).toBe(201);
    expect(itemFeatures(linked).columns).toBe(65);
  });

  it('are the constant alone where nothing is known', () => {
    const bare = [1, 2, 3].map((id) => ({ title: `${id}`, attributes: [] }));
    expect(itemFeatures(bare)).toEqual(constantFeature(3));
  });
});

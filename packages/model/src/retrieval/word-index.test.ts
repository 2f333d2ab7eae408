import { describe, expect, it } from 'vitest';
import { topK } from './top-k.ts';
import { createWordIndex } from './word-index.ts';

const item = (title: string, attributes: readonly string[] = [], description = '') => ({
  title,
  attributes,
  description,
});
const films = [
  item('Heat (1995)', ['Action', 'Crime'], 'A group of professional bank robbers feel the heat of the police.'),
  item('Amélie', ['Comedy', 'Romance'], 'A waitress in Paris changes lives.'),
  item('Paris, Texas', ['Drama'], 'A man walks out of the desert.'),
  item('Robbery', ['Crime'], 'A train.'),
  item('東京物語', ['Drama'], 'An old couple visits Tokyo.'),
];
const index = await createWordIndex(films);
const found = (query: string) => [...topK(index.scores(query), films.length, { above: 0 }).items];

describe('createWordIndex', () => {
  it('finds words of titles before those of descriptions, whatever their case and accents', () => {
    expect(found('PARIS')).toEqual([2, 1]);
    expect(found('amelie')).toEqual([1]);
  });

  it('finds attributes and descriptions', () => {
    expect(found('romance')).toEqual([1]);
    expect(found('police')).toEqual([0]);
  });

  it('puts what has more of the words, and rarer ones, first', () => {
    expect(found('crime heat')).toEqual([0, 3]);
    expect(found('a waitress')[0]).toBe(1);
  });

  it('finds parts of a text without spaces', () => {
    expect(found('物語')).toEqual([4]);
  });

  it('takes the last word for the beginning of one, where it is none', () => {
    expect(found('rob')).toEqual([3, 0]);
    expect(found('rob zzz')).toEqual([]);
    expect(found('r')).toEqual([]);
  });

  it('finds nothing for what nothing has, and for no words', async () => {
    expect(found('zebra')).toEqual([]);
    expect(found(' ?! ')).toEqual([]);
    expect((await createWordIndex([])).scores('heat')).toHaveLength(0);
  });

  it('pauses on its way through a large catalogue, and is the same', async () => {
    const many = Array.from({ length: 1000 }, (_, i) => item(`Film ${i} ${i % 7}`));
    let pauses = 0;
    const paused = await createWordIndex(many, async () => {
      pauses++;
    });
    expect(pauses).toBe(9);
    expect(paused.scores('film 5')).toEqual((await createWordIndex(many)).scores('film 5'));
  });

  it('scores by BM25 with weighted frequencies', () => {
    // 'texas': 1 of 5 items, frequency 3 (title). Words by weight, with 'paris' 3, 'drama' 2 and 7 of the description: 15 in the item.
    const lengths = [3 * 2 + 2 * 2 + 12, 3 + 2 * 2 + 6, 3 * 2 + 2 + 7, 3 + 2 + 2, 3 * 7 + 2 + 5];
    const mean = lengths.reduce((sum, length) => sum + length, 0) / 5;
    const rarity = Math.log(1 + (5 - 1 + 0.5) / 1.5);
    const expected = (rarity * 3 * 2.2) / (3 + 1.2 * (0.25 + (0.75 * 15) / mean));
    expect(index.scores('texas')[2]).toBeCloseTo(expected, 6);
  });
});

import { seededRandom } from '@tributary/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawUnseen, evaluationSection, rankHeldOut } from './federated-evaluation.ts';

describe('drawUnseen', () => {
  it('draws distinct items that are neither seen nor held out, as many as there are or were asked for', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 400 }),
        fc.integer({ min: 1, max: 120 }),
        fc.integer({ min: 0, max: 1000 }),
        fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
        (itemCount, count, seed, stream) => {
          const seen = new Set<number>();
          const seenCount = Math.floor(stream.next().value * (itemCount - 1));
          for (let i = 0; i < seenCount; i++) seen.add(Math.floor(stream.next().value * (itemCount - 1)));
          const heldOut = itemCount - 1;
          const drawn = drawUnseen(itemCount, Uint32Array.from(seen), heldOut, count, seededRandom(seed));
          expect(drawn.length).toBe(Math.min(count, itemCount - 1 - seen.size));
          expect(new Set(drawn).size).toBe(drawn.length);
          for (const item of drawn) expect(item < itemCount - 1 && !seen.has(item)).toBe(true);
        },
      ),
    );
  });

  it.each([
    ['few', 30],
    ['many', 300],
  ])('draws every unseen item equally often, from %s', (_, itemCount) => {
    const random = seededRandom(9);
    const counts = new Float64Array(itemCount);
    const seen = Uint32Array.of(3, 4);
    const draws = 6000;
    for (let i = 0; i < draws; i++) for (const item of drawUnseen(itemCount, seen, 0, 10, random)) counts[item]++;
    const unseen = itemCount - 3;
    const expected = (draws * 10) / unseen;
    let statistic = 0;
    for (let item = 0; item < itemCount; item++) {
      if (item === 0 || item === 3 || item === 4) expect(counts[item]).toBe(0);
      else statistic += (counts[item] - expected) ** 2 / expected;
    }
    // Drawing without replacement only lowers the statistic; mean + 6 standard deviations: false alarm below 1e-6.
    expect(statistic).toBeLessThan(unseen + 6 * Math.sqrt(2 * unseen));
  });
});

describe('rankHeldOut', () => {
  it('gives a constant scorer nothing', () => {
    const values = rankHeldOut(new Float32Array(50), 7, Uint32Array.of(1, 2), 20, seededRandom(1));
    expect(values).toEqual({ devices: 1, sampledHr10: 0, sampledNdcg10: 0, fullHr10: 0, fullNdcg10: 0 });
  });

  it('does not count seen items that score higher', () => {
    const scores = Float32Array.from({ length: 50 }, (_, item) => (item < 15 ? 9 : -item));
    scores[40] = 1;
    const seen = Uint32Array.from({ length: 15 }, (_, item) => item);
    expect(rankHeldOut(scores, 40, seen, 20, seededRandom(1))).toMatchObject({ fullNdcg10: 1, sampledNdcg10: 1 });
  });

  it('refuses scores that are not numbers', () => {
    expect(() => rankHeldOut(new Float32Array(5).fill(Number.NaN), 1, new Uint32Array(0), 2, seededRandom(1))).toThrow(
      expect.objectContaining({ code: 'diverged' }),
    );
  });
});

describe('evaluationSection', () => {
  const values = { devices: 1, sampledHr10: 1, sampledNdcg10: 0.5, fullHr10: 0, fullNdcg10: 0.25 };

  it('scales every metric and maps the loss from [0, 10] to [0, 1]', () => {
    expect([...evaluationSection(values, 2.5, 0.5)]).toEqual([0.5, 0.5, 0.25, 0, 0.125, 0.125]);
    expect(evaluationSection(values, 1e9, 1)[5]).toBe(1);
    expect(evaluationSection(values, -3, 1)[5]).toBe(0);
  });

  it('is all zero without an evaluation, so that its length tells nothing', () => {
    expect([...evaluationSection(null, 2, 1)]).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

import { seededRandom } from '@tributary/model';
import { describe, expect, it } from 'vitest';
import { likelihoodRatios, type Shadow } from './likelihood-ratio.ts';
import { areaUnder, rocCurve } from './roc.ts';

/** Targets of very different difficulty, whose score rises by `effect` where they are in. */
function toy(targets: number, models: number, effect: number, seed: number): Shadow[] {
  const random = seededRandom(seed);
  const difficulty = Array.from({ length: targets }, () => 10 * random.gaussian());
  return Array.from({ length: models }, () => {
    const members = difficulty.map(() => random.next() < 0.5);
    const scores = difficulty.map((mean, target) => mean + (members[target] ? effect : 0) + random.gaussian());
    return { scores, members };
  });
}

const areaOf = (scores: readonly number[], members: readonly boolean[]) =>
  areaUnder(rocCurve(scores.map((score, target) => ({ score, member: members[target] }))));

describe('the likelihood-ratio attack', () => {
  it('beats a common threshold where targets differ more than membership moves them', () => {
    const [attacked, ...shadows] = toy(300, 33, 2, 1);
    expect(areaOf(attacked.scores, attacked.members)).toBeLessThan(0.65);
    // Two Gaussians two standard deviations apart: 0.92 at best.
    expect(areaOf(likelihoodRatios(attacked.scores, shadows), attacked.members)).toBeGreaterThan(0.88);
  });

  it('is at chance where membership moves nothing', () => {
    const [attacked, ...shadows] = toy(1000, 17, 0, 2);
    expect(Math.abs(areaOf(likelihoodRatios(attacked.scores, shadows), attacked.members) - 0.5)).toBeLessThan(0.06);
  });

  it('is the ratio of the fitted densities', () => {
    const shadows: Shadow[] = [
      { scores: [1], members: [true] },
      { scores: [3], members: [true] },
      { scores: [-1], members: [false] },
      { scores: [1], members: [false] },
      { scores: [0], members: [false] },
    ];
    const density = (x: number, mean: number, variance: number) =>
      Math.exp(-((x - mean) ** 2) / (2 * variance)) / Math.sqrt(2 * Math.PI * variance);
    // In: mean 2, variance 2; out: mean 0, variance 1.
    const expected = Math.log(density(1.5, 2, 2) / density(1.5, 0, 1));
    expect(likelihoodRatios([1.5], shadows)[0]).toBeCloseTo(expected, 12);
  });

  it('needs shadows of both kinds, and takes the mean of all targets where one of them had none', () => {
    expect(() => likelihoodRatios([1], [{ scores: [1], members: [true] }])).toThrow(/such without/);
    const shadows: Shadow[] = [
      { scores: [5, 1], members: [true, false] },
      { scores: [6, 3], members: [true, true] },
      { scores: [7, 0], members: [true, false] },
    ];
    for (const ratio of likelihoodRatios([6, 3], shadows)) expect(Number.isFinite(ratio)).toBe(true);
  });
});

import { seededRandom } from '@tributary/model';
import { describe, expect, it } from 'vitest';
import { epsilonLowerBound } from './epsilon-bound.ts';
import { aroundMedian, aroundReferences, auditOneRun } from './guesses.ts';

/** One bit of each of `canaries`, told by randomised response with epsilon, which is exactly epsilon-private. */
function randomisedResponse(canaries: number, epsilon: number, seed: number) {
  const random = seededRandom(seed);
  return Array.from({ length: canaries }, () => {
    const member = random.next() < 0.5;
    const honest = random.next() < 1 / (1 + Math.exp(-epsilon));
    return { member, score: member === honest ? 1 : -1 };
  });
}

describe('an audit in one run', () => {
  it('of randomised response comes near its epsilon, and exceeds it in no more runs than its confidence allows', () => {
    const bounds = Array.from(
      { length: 200 },
      (_, seed) => auditOneRun(randomisedResponse(400, 1, seed), { delta: 0 }).lowerBound,
    );
    const mean = bounds.reduce((sum, bound) => sum + bound, 0) / bounds.length;
    expect(mean).toBeGreaterThan(0.6);
    expect(mean).toBeLessThan(1);
    // 10 of 200 are allowed on average; the seeds are fixed.
    expect(bounds.filter((bound) => bound > 1).length).toBeLessThanOrEqual(10);
  });

  it('abstains where that tells more, at the price of having looked at several shares', () => {
    // The surest eighth is right, of the others half.
    const scored = Array.from({ length: 400 }, (_, i) =>
      i < 50 ? { score: 10, member: true } : { score: 1, member: i % 2 === 0 },
    );
    const audit = auditOneRun(scored, { delta: 1e-6 });
    expect(audit).toMatchObject({ canaries: 400, guesses: 50, correct: 50, delta: 1e-6, confidence: 0.95 });
    const count = { canaries: 400, guesses: 50, correct: 50 };
    expect(audit.lowerBound).toBe(epsilonLowerBound(count, { delta: 1e-6, confidence: 1 - 0.05 / 4 }));
  });

  it('proves nothing from coins', () => {
    const random = seededRandom(5);
    const scored = Array.from({ length: 200 }, () => ({ score: random.next() - 0.5, member: random.next() < 0.5 }));
    expect(auditOneRun(scored, { delta: 0 }).lowerBound).toBe(0);
  });

  it('takes scores without a zero around their median, or around references that are known', () => {
    expect(aroundMedian([5, 1, 9])).toEqual([0, -4, 4]);
    expect(aroundMedian([5, 1, 9, 7])).toEqual([-1, -5, 3, 1]);
    const references = [
      { score: 2, member: true },
      { score: 4, member: true },
      { score: 1, member: false },
    ];
    expect(aroundReferences([3, 1], references)).toEqual([1, -1]);
    expect(() => aroundReferences([3], references.slice(0, 2))).toThrow(/such that are out/);
    expect(() => auditOneRun([], { delta: 0 })).toThrow(/no canary/);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { epsilonLowerBound, guessesPValue } from './epsilon-bound.ts';

/** P[Bin(trials, q) = k] by exact integers where q = odds / (1 + odds). */
function exactMass(trials: number, k: number, odds: bigint): number {
  let choose = 1n;
  for (let i = 0; i < k; i++) choose = (choose * BigInt(trials - i)) / BigInt(i + 1);
  const scale = 10n ** 40n;
  return Number((scale * choose * odds ** BigInt(k)) / (1n + odds) ** BigInt(trials)) / 1e40;
}

/** The paper's algorithm for the p-value, term by term, on exact masses. */
function exactPValue(m: number, r: number, w: number, odds: bigint, delta: number): number {
  const mass = (k: number) => exactMass(r, k, odds);
  let beta = 0;
  for (let k = w; k <= r; k++) beta += mass(k);
  let alpha = 0;
  let sum = 0;
  for (let i = 1; i <= w; i++) {
    sum += mass(w - i);
    if (sum > i * alpha) alpha = sum / i;
  }
  return Math.min(1, beta + alpha * delta * 2 * m);
}

const counts = fc
  .tuple(fc.nat(60), fc.nat(60), fc.nat(60))
  .map((drawn) => drawn.sort((a, b) => a - b))
  .map(([correct, guesses, canaries]) => ({ canaries: canaries + 1, guesses, correct }));

describe('the lower bound on epsilon', () => {
  it.each([
    [100, 100, 3.49297],
    [900, 1000, 2.02123],
    [600, 1000, 0.29747],
    [55, 100, 0],
  ])('of %i right of %i is the known one', (correct, guesses, bound) => {
    expect(epsilonLowerBound({ canaries: guesses, guesses, correct }, { delta: 0 })).toBeCloseTo(bound, 5);
  });

  it('of all guesses right solves q^r = 1 - confidence', () => {
    for (const guesses of [5, 20, 1000]) {
      for (const confidence of [0.5, 0.95, 0.999]) {
        const q = (1 - confidence) ** (1 / guesses);
        const bound = epsilonLowerBound({ canaries: guesses, guesses, correct: guesses }, { delta: 0, confidence });
        expect(bound).toBeCloseTo(Math.max(0, Math.log(q / (1 - q))), 6);
      }
    }
  });

  it('uses p-values that equal the algorithm of the paper on exact masses', () => {
    fc.assert(
      fc.property(
        counts,
        fc.integer({ min: 1, max: 20 }),
        fc.double({ min: 0, max: 0.01, noNaN: true }),
        (count, odds, delta) => {
          const expected = exactPValue(count.canaries, count.guesses, count.correct, BigInt(odds), delta);
          expect(guessesPValue(count, Math.log(odds), delta)).toBeCloseTo(expected, 10);
        },
      ),
    );
  });

  it('falls with delta and with every guess that is wrong, and rises with every guess that is right', () => {
    fc.assert(
      fc.property(counts, fc.double({ min: 0, max: 1e-3, noNaN: true }), ({ canaries, guesses, correct }, delta) => {
        const bound = epsilonLowerBound({ canaries, guesses, correct }, { delta });
        expect(epsilonLowerBound({ canaries, guesses, correct }, { delta: 2 * delta })).toBeLessThanOrEqual(
          bound + 1e-8,
        );
        if (guesses === canaries) return;
        const wrong = { canaries, guesses: guesses + 1, correct };
        expect(epsilonLowerBound(wrong, { delta })).toBeLessThanOrEqual(bound + 1e-8);
        const right = { canaries, guesses: guesses + 1, correct: correct + 1 };
        expect(epsilonLowerBound(right, { delta: 0 })).toBeGreaterThanOrEqual(
          epsilonLowerBound({ canaries, guesses, correct }, { delta: 0 }) - 1e-8,
        );
      }),
    );
  });

  it('stays exact for as many guesses as overflow a binomial coefficient', () => {
    // Normal approximation of 3,100 right of 5,000: q at which 1.645 deviations separate them.
    const bound = epsilonLowerBound({ canaries: 5000, guesses: 5000, correct: 3100 }, { delta: 0 });
    const q = 1 / (1 + Math.exp(-bound));
    expect((3100 - 0.5 - 5000 * q) / Math.sqrt(5000 * q * (1 - q))).toBeCloseTo(1.645, 1);
  });

  it.each([
    [{ canaries: 0, guesses: 0, correct: 0 }, { delta: 0 }, /of one canary at least/],
    [{ canaries: 5, guesses: 6, correct: 1 }, { delta: 0 }, /none above the next/],
    [{ canaries: 5, guesses: 4, correct: 4.5 }, { delta: 0 }, /whole numbers/],
    [{ canaries: 5, guesses: 4, correct: 4 }, { delta: 1 }, /delta is 1/],
    [{ canaries: 5, guesses: 4, correct: 4 }, { delta: 0, confidence: 1 }, /confidence is 1/],
  ])('is refused for %o with %o', (count, level, message) => {
    expect(() => epsilonLowerBound(count, level)).toThrow(message);
  });
});

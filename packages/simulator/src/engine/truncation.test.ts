import { describe, expect, it } from 'vitest';
import { binomialOutside } from './truncation.ts';

describe('the mass of draws outside of a range', () => {
  it('is what counting gives', () => {
    // Of ten coins, 0, 1 or 10 heads: 12 of 1024.
    expect(binomialOutside(10, 0.5, 2, 9)).toBeCloseTo(12 / 1024, 12);
    expect(binomialOutside(3, 0.1, 1, 3)).toBeCloseTo(0.9 ** 3, 12);
    expect(binomialOutside(5, 1, 0, 5)).toBe(0);
    expect(binomialOutside(5, 1, 0, 4)).toBe(1);
    expect(binomialOutside(40, 0.3, 0, Number.POSITIVE_INFINITY)).toBe(0);
  });

  it('keeps its digits far out and for many people', () => {
    expect(binomialOutside(10_000, 0.01, 1, 10_000) / 0.99 ** 10_000).toBeCloseTo(1, 9);
    expect(binomialOutside(1_000_000, 0.01, 0, 1_000_000)).toBe(0);
  });
});

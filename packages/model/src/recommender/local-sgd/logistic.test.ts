import { describe, expect, it } from 'vitest';
import { crossEntropy, sigmoid } from './logistic.ts';

describe('binary cross-entropy of a logit', () => {
  it.each([-3, -0.5, 0, 0.5, 3])('equals the textbook form at %d', (logit) => {
    const probability = 1 / (1 + Math.exp(-logit));
    expect(sigmoid(logit)).toBeCloseTo(probability, 12);
    expect(crossEntropy(logit, 1)).toBeCloseTo(-Math.log(probability), 12);
    expect(crossEntropy(logit, 0)).toBeCloseTo(-Math.log(1 - probability), 12);
  });

  it('stays finite where the textbook form overflows', () => {
    expect(sigmoid(-1000)).toBe(0);
    expect(sigmoid(1000)).toBe(1);
    expect(crossEntropy(1000, 0)).toBe(1000);
    expect(crossEntropy(-1000, 1)).toBe(1000);
    expect(crossEntropy(1000, 1)).toBe(0);
  });
});

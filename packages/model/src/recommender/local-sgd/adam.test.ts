import { describe, expect, it } from 'vitest';
import { createAdam } from './adam.ts';

describe('Adam', () => {
  it('moves each coordinate by the learning rate in the first step, whatever the gradient is worth (Kingma and Ba, 2.1)', () => {
    const parameters = new Float32Array([1, 1, 1]);
    createAdam(3, { learningRate: 0.1 })(parameters, new Float32Array([1e-3, -50, 0]));
    expect(parameters[0]).toBeCloseTo(0.9, 4);
    expect(parameters[1]).toBeCloseTo(1.1, 4);
    expect(parameters[2]).toBe(1);
  });

  it('follows the recurrence of the paper over further steps', () => {
    const gradients = [0.5, -0.2, 0.7];
    const parameters = new Float32Array([0]);
    const step = createAdam(1, { learningRate: 0.01, beta1: 0.8, beta2: 0.95, epsilon: 1e-3 });
    let [m, v, x] = [0, 0, 0];
    gradients.forEach((g, at) => {
      m = 0.8 * m + 0.2 * g;
      v = 0.95 * v + 0.05 * g * g;
      x -= (0.01 * (m / (1 - 0.8 ** (at + 1)))) / (Math.sqrt(v / (1 - 0.95 ** (at + 1))) + 1e-3);
      step(parameters, Float32Array.of(g));
    });
    expect(parameters[0]).toBeCloseTo(x, 6);
  });
});

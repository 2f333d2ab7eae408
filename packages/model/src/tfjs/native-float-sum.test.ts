/** Sums on TensorFlow, whose native library nothing here depends on: skipped where it is not installed. */
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadNativeBackend } from './native-backend.ts';
import { loadNativeFloatSums } from './native-float-sum.ts';

const loaded = await loadNativeFloatSums().then(
  (sums) => ({ sums, error: null }),
  (error: unknown) => ({ sums: null, error }),
);
const without = loaded.sums === null;
const reason = without ? ' (skipped: install @tensorflow/tfjs-node 4.22 beside @tributary/model)' : '';

function create(length: number) {
  if (!loaded.sums) throw loaded.error;
  return loaded.sums.create(length);
}

/** Rounded to float32 as if its exponents had no end, and zero where that is subnormal. */
function flushed(exact: number): number {
  const rounded = Math.abs(exact) < 1 ? Math.fround(exact * 2 ** 64) * 2 ** -64 : Math.fround(exact);
  return Math.abs(rounded) < 2 ** -126 ? 0 * exact : rounded;
}

const floats = fc.float32Array({ minLength: 1, maxLength: 40, noNaN: true });
const weights = fc.oneof(fc.constantFrom(0, 1, -1, 1 / 3, 1e-40), fc.double({ min: -1e3, max: 1e3, noNaN: true }));

describe.skipIf(without)(`a native sum${reason}`, () => {
  it('rounds products and sums of any numbers to float32, subnormal ones to zero', () => {
    fc.assert(
      fc.property(floats, weights, (vector, weight) => {
        const sum = create(vector.length);
        for (const factor of [weight, 0.1]) sum.add(vector, factor);
        const product = (factor: number) => (value: number) => flushed(flushed(Math.fround(factor)) * flushed(value));
        const [first, second] = [weight, 0.1].map((factor) => Array.from(vector, product(factor)));
        expect(sum.read()).toEqual(Float32Array.from(first, (value, i) => flushed(flushed(0 + value) + second[i])));
        sum.dispose();
      }),
    );
  });

  it('holds as many tensors after a thousand rounds as after the first', () => {
    const before = tf.memory().numTensors;
    const sum = create(64);
    const seen = new Set<number>();
    for (let round = 0; round < 1000; round++) {
      for (let device = 0; device < 3; device++) sum.add(new Float32Array(64).fill(round + device), 0.5);
      sum.read();
      sum.reset();
      seen.add(tf.memory().numTensors - before).add(tf.memory().numDataBuffers - before);
    }
    expect(seen).toEqual(new Set([1]));
    sum.dispose();
    sum.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is as it was, and holds no tensor more, after a vector that TensorFlow does not take', () => {
    const sum = create(2);
    sum.add(Float32Array.of(1, 2), 1);
    const before = tf.memory().numTensors;
    expect(() => sum.add(Float32Array.of(1, 2, 3), 1)).toThrow();
    expect(tf.memory().numTensors).toBe(before);
    expect(sum.read()).toEqual(Float32Array.of(1, 2));
    sum.dispose();
  });

  it('leaves encoders on the backend that they are on', async () => {
    await tf.setBackend('cpu');
    await loadNativeBackend();
    expect(tf.getBackend()).toBe('cpu');
    const sum = create(2);
    sum.add(Float32Array.of(1, 2), 3);
    expect(tf.getBackend()).toBe('cpu');
    expect(sum.read()).toEqual(Float32Array.of(3, 6));
    sum.dispose();
    expect(tf.getBackend()).toBe('cpu');
  });
});

describe.skipIf(!without)(`without TensorFlow${without ? '' : ' (skipped: it is installed here)'}`, () => {
  it('the packages that were looked for are named', () => {
    expect(String(loaded.error)).toMatch(/@tensorflow\/tfjs-node/);
  });
});

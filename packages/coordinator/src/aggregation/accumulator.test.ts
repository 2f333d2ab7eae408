import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAccumulator, createPlainAccumulator } from './accumulator.ts';
import { createSimdKernel } from './simd-kernel.ts';

/** Lengths around the kernel's unrolling (16). */
const sizes = fc.oneof({ arbitrary: fc.integer({ min: 0, max: 70 }), weight: 5 }, fc.constantFrom(1000, 4099));
const weights = fc.oneof(fc.constantFrom(0, 1, -1, 1 / 3), fc.double({ min: -1e3, max: 1e3, noNaN: true }));
const bits = (values: Float32Array) => new Uint32Array(values.slice().buffer);

/** Full-range float32 values from a seed: fast-check shrinks the seed, and large vectors stay cheap. */
function vectorOf(size: number, seed: number): Float32Array {
  let state = seed >>> 0;
  return Float32Array.from({ length: size }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state / 2 ** 31 - 1) * 2 ** ((state % 60) - 30);
  });
}

describe('the accumulator', () => {
  it('has the SIMD kernel here', () => {
    expect(createSimdKernel(64)).not.toBeNull();
  });

  it('adds the same bits with SIMD as in plain TypeScript', () => {
    fc.assert(
      fc.property(sizes, fc.array(fc.tuple(fc.integer(), weights), { maxLength: 4 }), (size, contributions) => {
        const fast = createAccumulator(size);
        const plain = createPlainAccumulator(size);
        for (const [seed, weight] of contributions) {
          fast.add(vectorOf(size, seed), weight);
          plain.add(vectorOf(size, seed), weight);
        }
        expect(bits(fast.values)).toEqual(bits(plain.values));
      }),
    );
  });

  it('adds the same bits across the parts that a long vector is staged in', () => {
    for (const size of [262_143, 262_144, 262_145, 2 * 262_144 + 17]) {
      const fast = createAccumulator(size);
      const plain = createPlainAccumulator(size);
      for (const accumulator of [fast, plain]) {
        accumulator.add(vectorOf(size, size), 1 / 3);
        accumulator.add(vectorOf(size, 7), -0.7);
      }
      expect(Buffer.compare(Buffer.from(bits(fast.values).buffer), Buffer.from(bits(plain.values).buffer))).toBe(0);
    }
  });

  it('adds the same bits for subnormal, infinite and huge values', () => {
    fc.assert(
      fc.property(fc.float32Array({ minLength: 1, maxLength: 40, noNaN: true }), weights, (vector, weight) => {
        const fast = createAccumulator(vector.length);
        const plain = createPlainAccumulator(vector.length);
        for (const accumulator of [fast, plain]) {
          accumulator.add(vector, weight);
          accumulator.add(vector, 0.1);
        }
        // toEqual takes one NaN for another, whose bits may differ.
        expect(fast.values).toEqual(plain.values);
      }),
    );
  });

  it('stays within the float32 error bound of the exact sum', () => {
    const size = 16_387;
    const accumulator = createAccumulator(size);
    const exact = new Float64Array(size);
    const magnitude = new Float64Array(size);
    const count = 50;
    for (let k = 0; k < count; k++) {
      const vector = vectorOf(size, k * 7919);
      const weight = Math.fround((k + 1) / count);
      accumulator.add(vector, weight);
      for (let i = 0; i < size; i++) {
        exact[i] += weight * vector[i];
        magnitude[i] += Math.abs(weight * vector[i]);
      }
    }
    // Higham 2002, section 4.2: (n + 1) roundings of relative size 2^-24 on the sum of magnitudes.
    const excess = accumulator.values.filter(
      (value, i) => Math.abs(value - exact[i]) > (count + 1) * 2 ** -24 * magnitude[i],
    );
    expect(excess.length).toBe(0);
  });

  it('reads vectors that begin anywhere in their buffer', () => {
    const whole = vectorOf(100, 5);
    const accumulator = createAccumulator(37);
    accumulator.add(whole.subarray(3, 40), 1);
    expect(accumulator.values).toEqual(whole.slice(3, 40));
  });

  it('is zero again after a reset, in the same array', () => {
    const accumulator = createAccumulator(9);
    const { values } = accumulator;
    accumulator.add(new Float32Array(9).fill(2), 1);
    accumulator.reset();
    expect(accumulator.values).toBe(values);
    expect(values).toEqual(new Float32Array(9));
  });

  it.each([createAccumulator, createPlainAccumulator])('refuses a vector of another length', (create) => {
    expect(() => create(4).add(new Float32Array(5), 1)).toThrow(RangeError);
    expect(() => create(4).add(new Float32Array(3), 1)).toThrow(RangeError);
  });
});

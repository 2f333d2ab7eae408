import fc from 'fast-check';
import { expect, it } from 'vitest';
import { dequantiseRows, quantiseRows } from './rows.ts';

const normal = { noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 } as const;

it('is off by at most half a step of the row, and says by how much in all', () => {
  fc.assert(
    fc.property(fc.float32Array({ ...normal, minLength: 12, maxLength: 12 }), (values) => {
      const { values: quantised, scales, relativeError } = quantiseRows(values, 3, 4);
      const back = dequantiseRows(quantised, scales);
      let error = 0;
      for (let i = 0; i < 12; i++) {
        const step = scales[Math.floor(i / 4)];
        expect(Math.abs(back[i] - values[i])).toBeLessThanOrEqual(step * 0.5001 + 1e-38);
        error += (back[i] - values[i]) ** 2;
      }
      const norm = Math.hypot(...values);
      expect(relativeError).toBeCloseTo(norm === 0 ? 0 : Math.sqrt(error) / norm, 5);
    }),
  );
});

it('gives each row its own scale, and zeros to a row of zeros', () => {
  const { values, scales, relativeError } = quantiseRows(Float32Array.of(127, -1, 0, 0, 0.5, 0.25), 3, 2);
  expect([...values]).toEqual([127, -1, 0, 0, 127, 64]);
  expect(scales[1]).toBe(0);
  expect(relativeError).toBeGreaterThan(0);
});

it('refuses what is not a table of finite numbers', () => {
  expect(() => quantiseRows(new Float32Array(5), 2, 3)).toThrow(RangeError);
  expect(() => quantiseRows(Float32Array.of(Number.NaN), 1, 1)).toThrow(RangeError);
});

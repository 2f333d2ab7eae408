import { expect, test } from 'vitest';
import { seededRandom } from '../../random/seeded.ts';
import { principalComponents } from './principal-components.ts';

const random = seededRandom(3);
const width = 6;
const rows = 50;
/** Two directions hold nearly everything. */
const values = Float64Array.from({ length: rows * width }, () => 0);
for (let row = 0; row < rows; row++) {
  const [a, b] = [5 * random.gaussian(), 2 * random.gaussian()];
  for (let i = 0; i < width; i++)
    values[row * width + i] = 10 + a * (i % 2) + b * (i < 3 ? 1 : -1) + 0.01 * random.gaussian();
}

function distance(of: ArrayLike<number>, columns: number, a: number, b: number): number {
  let sum = 0;
  for (let k = 0; k < columns; k++) sum += (of[a * columns + k] - of[b * columns + k]) ** 2;
  return Math.sqrt(sum);
}

test('distances between rows survive where the kept directions hold nearly all variance', () => {
  const { columns, values: kept } = principalComponents(values, width, 2);
  expect(columns).toBe(2);
  for (let row = 1; row < rows; row++) {
    expect(distance(kept, 2, 0, row)).toBeCloseTo(distance(values, width, 0, row), 1);
  }
});

test('components come in falling order of variance and are about the mean', () => {
  const { values: kept } = principalComponents(values, width, 3);
  const variance = [0, 1, 2].map((k) => {
    let square = 0;
    let mean = 0;
    for (let row = 0; row < rows; row++) {
      square += kept[row * 3 + k] ** 2 / rows;
      mean += kept[row * 3 + k] / rows;
    }
    expect(mean).toBeCloseTo(0, 9);
    return square;
  });
  expect(variance[0]).toBeGreaterThan(variance[1]);
  expect(variance[1]).toBeGreaterThan(variance[2]);
});

test('without a number of components, rows are only centred', () => {
  const { columns, values: kept } = principalComponents(values, width, null);
  expect(columns).toBe(width);
  expect(distance(kept, width, 0, 1)).toBeCloseTo(distance(values, width, 0, 1), 9);
});

/**
 * Kernels of `implicit-als` in 128-bit SIMD, float32 throughout. Compiled by ../scripts/build-kernels.ts; the twin in plain
 * TypeScript is ../src/recommender/implicit-als/plain-kernels.ts.
 *
 * The caller lays out memory. Rows of the item table are `stride` floats apart, stride a multiple of 8, the padding zero.
 * Symmetric matrices are [stride x stride], of which blocks on and above the diagonal are kept. Baseline SIMD has no fused
 * multiply-add, so that every machine computes the same bits.
 */

/** Rows that are gathered at a time: 16 kB at 64 dimensions, which stays in the first-level cache. */
const batchRows: i32 = 64;

/**
 * C[4 x 8] += or -= sum over p of R[p, i .. i+3]^T R[p, j .. j+7]: the one loop that everything hangs on. Eight accumulators in
 * registers; six loads for sixteen arithmetic operations.
 */
function block(rows: usize, count: i32, rowBytes: usize, i: usize, j: usize, c: usize, subtract: bool): void {
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let b0 = a0;
  let b1 = a0;
  let c0 = a0;
  let c1 = a0;
  let d0 = a0;
  let d1 = a0;
  let left = rows + i;
  let right = rows + j;
  for (let p = 0; p < count; p++) {
    const r0 = v128.load(right);
    const r1 = v128.load(right, 16);
    let l = v128.load32_splat(left);
    a0 = f32x4.add(a0, f32x4.mul(l, r0));
    a1 = f32x4.add(a1, f32x4.mul(l, r1));
    l = v128.load32_splat(left, 4);
    b0 = f32x4.add(b0, f32x4.mul(l, r0));
    b1 = f32x4.add(b1, f32x4.mul(l, r1));
    l = v128.load32_splat(left, 8);
    c0 = f32x4.add(c0, f32x4.mul(l, r0));
    c1 = f32x4.add(c1, f32x4.mul(l, r1));
    l = v128.load32_splat(left, 12);
    d0 = f32x4.add(d0, f32x4.mul(l, r0));
    d1 = f32x4.add(d1, f32x4.mul(l, r1));
    left += rowBytes;
    right += rowBytes;
  }
  fold(c, a0, a1, subtract);
  fold(c + rowBytes, b0, b1, subtract);
  fold(c + 2 * rowBytes, c0, c1, subtract);
  fold(c + 3 * rowBytes, d0, d1, subtract);
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function fold(c: usize, low: v128, high: v128, subtract: bool): void {
  if (subtract) {
    v128.store(c, f32x4.sub(v128.load(c), low));
    v128.store(c, f32x4.sub(v128.load(c, 16), high), 16);
  } else {
    v128.store(c, f32x4.add(v128.load(c), low));
    v128.store(c, f32x4.add(v128.load(c, 16), high), 16);
  }
}

/** A += R^T R over `count` rows, blocks on and above the diagonal. */
function addSymmetric(rows: usize, count: i32, rowBytes: usize, a: usize): void {
  for (let i: usize = 0; i < rowBytes; i += 16) {
    const at = a + (i >> 2) * rowBytes;
    for (let j: usize = i & ~31; j < rowBytes; j += 32) block(rows, count, rowBytes, i, j, at + j, false);
  }
}

/** gram [stride x stride] = V^T V over a table of `count` rows. */
export function gramian(table: usize, count: i32, stride: i32, gram: usize): void {
  const rowBytes = (<usize>stride) << 2;
  memory.fill(gram, 0, rowBytes * <usize>stride);
  for (let from = 0; from < count; from += batchRows) {
    addSymmetric(table + <usize>from * rowBytes, min(batchRows, count - from), rowBytes, gram);
  }
}

/** Copies rows, times the root of their weight (0: all weights are 1), to `packed`, and adds weight * row to b. */
function gather(table: usize, indices: usize, weights: usize, count: i32, rowBytes: usize, packed: usize, b: usize): void {
  for (let s: usize = 0; s < <usize>count; s++) {
    const row = table + <usize>load<u32>(indices + (s << 2)) * rowBytes;
    const to = packed + s * rowBytes;
    const root = f32x4.splat(weights ? sqrt(load<f32>(weights + (s << 2))) : 1);
    for (let k: usize = 0; k < rowBytes; k += 16) {
      const scaled = f32x4.mul(root, v128.load(row + k));
      v128.store(to + k, scaled);
      v128.store(b + k, f32x4.add(v128.load(b + k), f32x4.mul(root, scaled)));
    }
  }
}

/**
 * Solves (a0 G + sum w v v^T + ridge I) x = sum w v.
 * @param indices [count] u32 rows of the table
 * @param weights [count] f32, or 0
 * @param a [stride x stride] scratch
 * @param x [stride], the solution
 * @param packed [64 x stride] scratch
 * @returns false when the matrix is not positive definite (NaN in the table)
 */
export function solve(
  table: usize,
  indices: usize,
  weights: usize,
  count: i32,
  dimension: i32,
  stride: i32,
  gram: usize,
  unobservedWeight: f32,
  ridge: f32,
  a: usize,
  x: usize,
  packed: usize,
): bool {
  const rowBytes = (<usize>stride) << 2;
  const all = f32x4.splat(unobservedWeight);
  const end = rowBytes * <usize>stride;
  for (let k: usize = 0; k < end; k += 16) v128.store(a + k, f32x4.mul(all, v128.load(gram + k)));
  for (let i: usize = 0; i < <usize>stride; i++) {
    const diagonal = a + i * (rowBytes + 4);
    store<f32>(diagonal, i < <usize>dimension ? load<f32>(diagonal) + ridge : 1);
  }
  memory.fill(x, 0, rowBytes);
  for (let from = 0; from < count; from += batchRows) {
    const rows = min(batchRows, count - from);
    const at = (<usize>from) << 2;
    gather(table, indices + at, weights ? weights + at : 0, rows, rowBytes, packed, x);
    addSymmetric(packed, rows, rowBytes, a);
  }
  return factorise(a, stride) && substitute(a, stride, x);
}

/** A = U^T U in place, U in the upper triangle, four rows at a time. */
function factorise(a: usize, stride: i32): bool {
  const rowBytes = (<usize>stride) << 2;
  for (let k: usize = 0; k < <usize>stride; k += 4) {
    const panel = a + k * rowBytes;
    const column = k << 2;
    const first = column & ~31;
    for (let j: usize = first; j < rowBytes; j += 32) block(a, <i32>k, rowBytes, column, j, panel + j, true);
    for (let r: usize = 0; r < 4; r++) {
      const row = panel + r * rowBytes;
      for (let q: usize = 0; q < r; q++) {
        const above = panel + q * rowBytes;
        const factor = v128.load32_splat(above + column + (r << 2));
        for (let j: usize = column; j < rowBytes; j += 16) {
          v128.store(row + j, f32x4.sub(v128.load(row + j), f32x4.mul(factor, v128.load(above + j))));
        }
      }
      const pivot = load<f32>(row + column + (r << 2));
      if (!(pivot > 0)) return false;
      const inverse = f32x4.splat(1 / sqrt(pivot));
      for (let j: usize = column; j < rowBytes; j += 16) v128.store(row + j, f32x4.mul(inverse, v128.load(row + j)));
    }
  }
  return true;
}

/** Solves U^T U x = b in place; b holds b, then x. Reads the triangle above the diagonal only. */
function substitute(a: usize, stride: i32, b: usize): bool {
  const rowBytes = (<usize>stride) << 2;
  for (let k: usize = 0; k < <usize>stride; k++) {
    const row = a + k * rowBytes;
    const at = k << 2;
    const value = load<f32>(b + at) / load<f32>(row + at);
    const factor = f32x4.splat(value);
    // The quad that holds k is updated whole, then mended: its earlier places are done with and must keep their values.
    const quad = at & ~15;
    const kept = v128.load(b + quad);
    for (let j = quad; j < rowBytes; j += 16) {
      v128.store(b + j, f32x4.sub(v128.load(b + j), f32x4.mul(factor, v128.load(row + j))));
    }
    for (let j = quad; j < at; j += 4) store<f32>(b + j, lane(kept, (j - quad) >> 2));
    store<f32>(b + at, value);
  }
  for (let k = <isize>stride - 1; k >= 0; k--) {
    const row = a + <usize>k * rowBytes;
    const at = <usize>k << 2;
    let value = load<f32>(b + at);
    let j = at + 4;
    for (; j & 15; j += 4) value -= load<f32>(row + j) * load<f32>(b + j);
    let sum = f32x4.splat(0);
    for (; j < rowBytes; j += 16) sum = f32x4.add(sum, f32x4.mul(v128.load(row + j), v128.load(b + j)));
    store<f32>(b + at, (value - total(sum)) / load<f32>(row + at));
  }
  return true;
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function lane(quad: v128, index: usize): f32 {
  if (index == 0) return f32x4.extract_lane(quad, 0);
  if (index == 1) return f32x4.extract_lane(quad, 1);
  return f32x4.extract_lane(quad, 2);
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function total(quad: v128): f32 {
  return (
    f32x4.extract_lane(quad, 0) + f32x4.extract_lane(quad, 1) + (f32x4.extract_lane(quad, 2) + f32x4.extract_lane(quad, 3))
  );
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function dot(row: usize, x: usize, rowBytes: usize): f32 {
  let low = f32x4.splat(0);
  let high = low;
  for (let k: usize = 0; k < rowBytes; k += 32) {
    low = f32x4.add(low, f32x4.mul(v128.load(row + k), v128.load(x + k)));
    high = f32x4.add(high, f32x4.mul(v128.load(row + k, 16), v128.load(x + k, 16)));
  }
  return total(f32x4.add(low, high));
}

/** residuals[s] = v_s . x - 1 over the rows named by `indices`. */
export function residuals(table: usize, indices: usize, count: i32, stride: i32, x: usize, out: usize): void {
  const rowBytes = (<usize>stride) << 2;
  for (let s: usize = 0; s < <usize>count; s++) {
    const row = table + <usize>load<u32>(indices + (s << 2)) * rowBytes;
    store<f32>(out + (s << 2), dot(row, x, rowBytes) - 1);
  }
}

/** out[i] = v_i . x over a whole table. */
export function scores(table: usize, count: i32, stride: i32, x: usize, out: usize): void {
  const rowBytes = (<usize>stride) << 2;
  for (let i: usize = 0; i < <usize>count; i++) store<f32>(out + (i << 2), dot(table + i * rowBytes, x, rowBytes));
}

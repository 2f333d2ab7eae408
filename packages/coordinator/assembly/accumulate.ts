/**
 * values += weight * vector in 128-bit SIMD, float32 throughout. Compiled by ../scripts/build-kernels.ts; the twin in plain
 * TypeScript is `addPlain` in ../src/aggregation/plain-accumulate.ts. Baseline SIMD has no fused multiply-add, so that every
 * machine computes the same bits.
 */

/**
 * @param values address of float32[count], 16-byte aligned
 * @param vector address of float32[count], 16-byte aligned
 */
export function accumulate(values: usize, vector: usize, count: i32, weight: f32): void {
  const weights = f32x4.splat(weight);
  let left = count;
  // Four independent chains keep the load and store ports busy.
  for (; left >= 16; left -= 16) {
    v128.store(values, f32x4.add(v128.load(values), f32x4.mul(weights, v128.load(vector))));
    v128.store(values, f32x4.add(v128.load(values, 16), f32x4.mul(weights, v128.load(vector, 16))), 16);
    v128.store(values, f32x4.add(v128.load(values, 32), f32x4.mul(weights, v128.load(vector, 32))), 32);
    v128.store(values, f32x4.add(v128.load(values, 48), f32x4.mul(weights, v128.load(vector, 48))), 48);
    values += 64;
    vector += 64;
  }
  for (; left > 0; left--) {
    store<f32>(values, load<f32>(values) + weight * load<f32>(vector));
    values += 4;
    vector += 4;
  }
}

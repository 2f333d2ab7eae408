/** The readable twin of the SIMD kernel (assembly/accumulate.ts): a property test keeps the two equal bit by bit. */

/**
 * values[i] += weight * vector[i], rounded to float32 after the product and after the sum. Both are exact in float64 before
 * they are rounded, or rounded innocuously (53 >= 2 * 24 + 2 bits), so that this is float32 arithmetic.
 */
export function addPlain(values: Float32Array, vector: Float32Array, weight: number): void {
  const factor = Math.fround(weight);
  for (let i = 0; i < values.length; i++) values[i] += Math.fround(factor * vector[i]);
}

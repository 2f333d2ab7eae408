/** The kernels in plain TypeScript, sums in float64: for platforms without WebAssembly SIMD, and to compare the others with. */
import { choleskySolveInPlace } from '../../linear-algebra/cholesky.ts';
import { type Kernels, notPositiveDefinite } from './kernels.ts';

export function plainKernels(vectors: Float32Array, dimension: number): Kernels {
  const d = dimension;
  let gram: Float64Array | null = null;

  function dot(item: number, x: Float32Array): number {
    let sum = 0;
    for (let i = 0, at = item * d; i < d; i++, at++) sum += vectors[at] * x[i];
    return sum;
  }

  function gramOnce(): Float64Array {
    gram ??= gramian(vectors, d);
    return gram;
  }

  return {
    solve({ items, weights, unobservedWeight, ridge }) {
      const all = gramOnce();
      const a = new Float64Array(d * d);
      const b = new Float64Array(d);
      for (let s = 0; s < items.length; s++) {
        const w = weights ? weights[s] : 1;
        const row = items[s] * d;
        for (let i = 0; i < d; i++) {
          const scaled = w * vectors[row + i];
          b[i] += scaled;
          for (let j = 0; j <= i; j++) a[i * d + j] += scaled * vectors[row + j];
        }
      }
      for (let i = 0; i < d; i++) {
        for (let j = 0; j <= i; j++) a[i * d + j] += unobservedWeight * all[i * d + j];
        a[i * d + i] += ridge;
      }
      if (!choleskySolveInPlace(a, b, d)) throw notPositiveDefinite();
      return Float32Array.from(b);
    },
    residuals: (items, x) => Float32Array.from(items, (item) => dot(item, x) - 1),
    scores(x, out) {
      for (let item = 0; item < vectors.length / d; item++) out[item] = dot(item, x);
    },
    gramian: gramOnce,
  };
}

/** G = V^T V [d * d], in float64. */
export function gramian(vectors: Float32Array, d: number): Float64Array {
  const gram = new Float64Array(d * d);
  for (let row = 0; row < vectors.length; row += d) {
    for (let i = 0; i < d; i++) {
      const vi = vectors[row + i];
      for (let j = 0; j <= i; j++) gram[i * d + j] += vi * vectors[row + j];
    }
  }
  for (let i = 0; i < d; i++) for (let j = 0; j < i; j++) gram[j * d + i] = gram[i * d + j];
  return gram;
}

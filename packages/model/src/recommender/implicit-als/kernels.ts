/** The dense loops of `implicit-als` over one item table. */

/** A local solve: which items, how much each counts, and the penalties. */
export interface LocalSystem {
  /** Distinct item indices, at least one. */
  readonly items: Uint32Array;
  /** [items.length], each >= 0; null for 1 each. */
  readonly weights: Float32Array | null;
  /** a0 */
  readonly unobservedWeight: number;
  /** What is added to the diagonal, > 0. */
  readonly ridge: number;
}

/** Bound to one item table V [M, d], which must not change; the Gramian G = V^T V is computed once, when first needed. */
export interface Kernels {
  /**
   * x [d], the solution of (a0 G + sum_S w v v^T + ridge I) x = sum_S w v.
   * @throws RangeError where the table holds NaN or infinity
   */
  solve(system: LocalSystem): Float32Array;
  /** v.x - 1 of each item [items.length]. */
  residuals(items: Uint32Array, x: Float32Array): Float32Array;
  /** v.x of all items, written to out [M]. */
  scores(x: Float32Array, out: Float32Array): void;
  /** G [d * d]; not to be changed. */
  gramian(): Float64Array;
}

/** @param vectors [M * dimension] */
export type BindKernels = (vectors: Float32Array, dimension: number) => Kernels;

export function notPositiveDefinite(): RangeError {
  return new RangeError('The item vectors hold NaN or infinity, or numbers too large: no user vector fits them.');
}

/** Solves symmetric positive definite systems in place, in float64. */

/**
 * Solves A x = b by Cholesky's decomposition A = L L^T.
 * @param a [d * d] row-major; its lower triangle is read and overwritten by L
 * @param b [d], overwritten by the solution
 * @returns whether A was positive definite; when not, `b` is undefined
 */
export function choleskySolveInPlace(a: Float64Array, b: Float64Array, d: number): boolean {
  if (!choleskyInPlace(a, d)) return false;
  substituteInPlace(a, b, d);
  return true;
}

/**
 * A = L L^T.
 * @param a [d * d] row-major; its lower triangle is read and overwritten by L
 * @returns whether A was positive definite; when not, `a` is undefined
 */
export function choleskyInPlace(a: Float64Array, d: number): boolean {
  for (let j = 0; j < d; j++) {
    const rowJ = j * d;
    let diagonal = a[rowJ + j];
    for (let k = 0; k < j; k++) diagonal -= a[rowJ + k] * a[rowJ + k];
    if (!(diagonal > 0)) return false;
    const pivot = Math.sqrt(diagonal);
    a[rowJ + j] = pivot;
    for (let i = j + 1; i < d; i++) {
      const rowI = i * d;
      let value = a[rowI + j];
      for (let k = 0; k < j; k++) value -= a[rowI + k] * a[rowJ + k];
      a[rowI + j] = value / pivot;
    }
  }
  return true;
}

/** Solves L L^T x = b. @param l as of `choleskyInPlace` @param b [d], overwritten by the solution */
export function substituteInPlace(l: Float64Array, b: Float64Array, d: number): void {
  for (let i = 0; i < d; i++) {
    let value = b[i];
    for (let k = 0; k < i; k++) value -= l[i * d + k] * b[k];
    b[i] = value / l[i * d + i];
  }
  for (let i = d - 1; i >= 0; i--) {
    let value = b[i];
    for (let k = i + 1; k < d; k++) value -= l[k * d + i] * b[k];
    b[i] = value / l[i * d + i];
  }
}

/**
 * Symmetric matrices as their upper triangle, row by row, off-diagonals times sqrt(2): the L2 norm of the packed vector is the
 * Frobenius norm of the matrix, in half the numbers, and noise on the packed vector is symmetric by construction.
 */

export function packedSize(d: number): number {
  return (d * (d + 1)) / 2;
}

/** packed += factor * x x^T. */
export function addOuter(packed: Float32Array, x: Float32Array, factor: number): void {
  const d = x.length;
  for (let i = 0, at = 0; i < d; i++) {
    const scaled = factor * x[i];
    packed[at++] += scaled * x[i];
    const beside = scaled * Math.SQRT2;
    for (let j = i + 1; j < d; j++) packed[at++] += beside * x[j];
  }
}

/** The full symmetric matrix [d * d] of a packed triangle, times factor. */
export function unpackSymmetric(packed: Float32Array, d: number, factor: number): Float64Array {
  const full = new Float64Array(d * d);
  for (let i = 0, at = 0; i < d; i++) {
    for (let j = i; j < d; j++, at++) {
      const value = factor * packed[at] * (i === j ? 1 : Math.SQRT1_2);
      full[i * d + j] = value;
      full[j * d + i] = value;
    }
  }
  return full;
}

/** Cosine of the angle between two vectors; 0 where one of them is 0. */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let dot = 0;
  let squaresOfA = 0;
  let squaresOfB = 0;
  for (let i = 0; i < a.length; i++) {
    dot += a[i] * b[i];
    squaresOfA += a[i] ** 2;
    squaresOfB += b[i] ** 2;
  }
  const norms = Math.sqrt(squaresOfA * squaresOfB);
  return norms === 0 ? 0 : Math.max(-1, Math.min(1, dot / norms));
}

/** The three loops that every fused kernel is made of, four independent sums at a time so that additions do not wait. */

/** Sum of left[leftAt + k] * right[rightAt + k] for k < length. */
export function dot(left: Float32Array, leftAt: number, right: Float32Array, rightAt: number, length: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let k = 0;
  for (const whole = length & ~3; k < whole; k += 4) {
    const i = leftAt + k;
    const j = rightAt + k;
    a += left[i] * right[j];
    b += left[i + 1] * right[j + 1];
    c += left[i + 2] * right[j + 2];
    d += left[i + 3] * right[j + 3];
  }
  for (; k < length; k++) a += left[leftAt + k] * right[rightAt + k];
  return a + b + (c + d);
}

/** to[toAt + k] += factor * from[fromAt + k] for k < length. */
export function addScaled(
  to: Float32Array,
  toAt: number,
  factor: number,
  from: Float32Array,
  fromAt: number,
  length: number,
): void {
  let k = 0;
  for (const whole = length & ~3; k < whole; k += 4) {
    const i = toAt + k;
    const j = fromAt + k;
    to[i] += factor * from[j];
    to[i + 1] += factor * from[j + 1];
    to[i + 2] += factor * from[j + 2];
    to[i + 3] += factor * from[j + 3];
  }
  for (; k < length; k++) to[toAt + k] += factor * from[fromAt + k];
}

/** to[toAt + k] *= factor for k < length. */
export function scale(to: Float32Array, toAt: number, factor: number, length: number): void {
  for (let k = 0; k < length; k++) to[toAt + k] *= factor;
}

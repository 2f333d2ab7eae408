/** The one product of an on-device step that is large: what all rows of a device ask of the text projection. */

/**
 * out [k, w] += sum over rows r of left[r, :]^T right[r, :], with left [rows, k] and right [rows, w]. Sixteen sums at a time stay in
 * registers, in float64; the floor is rows * k * w multiply-adds.
 */
export function addOuterProducts(out: Float32Array, left: Float32Array, right: Float32Array, rows: number): void {
  if (rows === 0) return;
  const height = left.length / rows;
  const width = right.length / rows;
  const wholeHeight = height & ~3;
  const wholeWidth = width & ~3;
  for (let k = 0; k < wholeHeight; k += 4) {
    for (let j = 0; j < wholeWidth; j += 4) addTile(out, left, right, rows, k, j);
  }
  for (let k = 0; k < height; k++) {
    for (let j = k < wholeHeight ? wholeWidth : 0; j < width; j++) {
      let sum = 0;
      for (let r = 0; r < rows; r++) sum += left[r * height + k] * right[r * width + j];
      out[k * width + j] += sum;
    }
  }
}

function addTile(out: Float32Array, left: Float32Array, right: Float32Array, rows: number, k: number, j: number): void {
  const height = left.length / rows;
  const width = right.length / rows;
  let [a0, a1, a2, a3] = [0, 0, 0, 0];
  let [b0, b1, b2, b3] = [0, 0, 0, 0];
  let [c0, c1, c2, c3] = [0, 0, 0, 0];
  let [d0, d1, d2, d3] = [0, 0, 0, 0];
  for (let r = 0, x = k, y = j; r < rows; r++, x += height, y += width) {
    const r0 = right[y];
    const r1 = right[y + 1];
    const r2 = right[y + 2];
    const r3 = right[y + 3];
    const a = left[x];
    const b = left[x + 1];
    const c = left[x + 2];
    const d = left[x + 3];
    a0 += a * r0;
    a1 += a * r1;
    a2 += a * r2;
    a3 += a * r3;
    b0 += b * r0;
    b1 += b * r1;
    b2 += b * r2;
    b3 += b * r3;
    c0 += c * r0;
    c1 += c * r1;
    c2 += c * r2;
    c3 += c * r3;
    d0 += d * r0;
    d1 += d * r1;
    d2 += d * r2;
    d3 += d * r3;
  }
  for (const [row, sums] of [
    [a0, a1, a2, a3],
    [b0, b1, b2, b3],
    [c0, c1, c2, c3],
    [d0, d1, d2, d3],
  ].entries()) {
    const at = (k + row) * width + j;
    out[at] += sums[0];
    out[at + 1] += sums[1];
    out[at + 2] += sums[2];
    out[at + 3] += sums[3];
  }
}

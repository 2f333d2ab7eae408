/** The fast Walsh-Hadamard transform. */

/**
 * x <- H x in place, H in natural order: entry (r, c) = (-1)^popcount(r & c), unnormalised. Radix 4: a pass over memory settles
 * two of the log2(n) levels. Blocking for the caches was measured and gains nothing: a pass is bound by arithmetic.
 * @param x n coordinates, n a power of two
 */
export function walshHadamardInPlace(x: Float32Array): void {
  const n = x.length;
  let stride = 1;
  // The first two levels, in neighbours: apart, as a loop over one butterfly would cost more than the butterfly.
  if (n >= 4) {
    for (let j = 0; j < n; j += 4) {
      const a = x[j];
      const b = x[j + 1];
      const c = x[j + 2];
      const d = x[j + 3];
      const sumLow = a + b;
      const differenceLow = a - b;
      const sumHigh = c + d;
      const differenceHigh = c - d;
      x[j] = sumLow + sumHigh;
      x[j + 1] = differenceLow + differenceHigh;
      x[j + 2] = sumLow - sumHigh;
      x[j + 3] = differenceLow - differenceHigh;
    }
    stride = 4;
  }
  for (; 4 * stride <= n; stride *= 4) {
    const second = stride;
    const third = 2 * stride;
    const fourth = 3 * stride;
    for (let start = 0; start < n; start += 4 * stride) {
      const end = start + stride;
      for (let j = start; j < end; j++) {
        const a = x[j];
        const b = x[j + second];
        const c = x[j + third];
        const d = x[j + fourth];
        const sumLow = a + b;
        const differenceLow = a - b;
        const sumHigh = c + d;
        const differenceHigh = c - d;
        x[j] = sumLow + sumHigh;
        x[j + second] = differenceLow + differenceHigh;
        x[j + third] = sumLow - sumHigh;
        x[j + fourth] = differenceLow - differenceHigh;
      }
    }
  }
  // An odd number of levels leaves one.
  if (stride < n) {
    for (let j = 0; j < stride; j++) {
      const a = x[j];
      const b = x[j + stride];
      x[j] = a + b;
      x[j + stride] = a - b;
    }
  }
}

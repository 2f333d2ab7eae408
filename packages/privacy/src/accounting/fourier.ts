/** Fast Fourier transform of complex float64 vectors, in place (Cooley and Tukey 1965, radix 2). */

export interface Complex {
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

/** Forward: sum of x_k e^(-2 pi i j k / n); backward without the division by n. @param n a power of two */
export function transform({ real, imaginary }: Complex, direction: 'forward' | 'backward'): void {
  const n = real.length;
  reverseBits(real, imaginary);
  const sign = direction === 'forward' ? -1 : 1;
  const { cosines, sines } = rootsOf(n);
  for (let half = 1; half < n; half *= 2) {
    const stride = n / (2 * half);
    for (let start = 0; start < n; start += 2 * half) {
      for (let k = 0, root = 0; k < half; k++, root += stride) {
        const [low, high] = [start + k, start + k + half];
        const sine = sign * sines[root];
        const re = real[high] * cosines[root] - imaginary[high] * sine;
        const im = real[high] * sine + imaginary[high] * cosines[root];
        real[high] = real[low] - re;
        imaginary[high] = imaginary[low] - im;
        real[low] += re;
        imaginary[low] += im;
      }
    }
  }
}

interface Roots {
  readonly size: number;
  readonly cosines: Float64Array;
  readonly sines: Float64Array;
}
let lastRoots: Roots = { size: 0, cosines: new Float64Array(0), sines: new Float64Array(0) };

/** Of one size for all stages, each by its own sine and cosine: products of roots would lose digits. */
function rootsOf(size: number): Roots {
  if (lastRoots.size === size) return lastRoots;
  const angles = new Float64Array(size / 2).map((_, k) => (2 * Math.PI * k) / size);
  lastRoots = { size, cosines: angles.map(Math.cos), sines: angles.map(Math.sin) };
  return lastRoots;
}

function reverseBits(real: Float64Array, imaginary: Float64Array): void {
  const n = real.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [real[i], real[j]] = [real[j], real[i]];
      [imaginary[i], imaginary[j]] = [imaginary[j], imaginary[i]];
    }
  }
}

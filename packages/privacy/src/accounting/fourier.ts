/** Fast Fourier transforms of complex float64 vectors, in place (Gentleman and Sande 1966, radix 2, one half after the other). */

export interface Complex {
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

/**
 * An error of one level, relative to the sum of all magnitudes that go in: the product sqrt(5) u (Brent, Percival, Zimmermann
 * 2007), the root 3 u, the sum u, with u = 2^-53.
 */
export const errorPerLevel = 7 * 2 ** -53;

/** Sum of x_k e^(-2 pi i j k / n), at the place that j has with its bits reversed. @param values of a power of two */
export function transform({ real, imaginary }: Complex): void {
  const roots = rootsUpTo(real.length);
  forward(real, imaginary, 0, real.length, roots);
}

/** The inverse, times n: from reversed bits back into order. */
export function transformBack({ real, imaginary }: Complex): void {
  const roots = rootsUpTo(real.length);
  backward(real, imaginary, 0, real.length, roots);
}

/** Where the frequency -j stands that belongs to the one at `place`, bits reversed: each octave [2^m, 2^(m + 1)) is mirrored. */
export function mirrored(place: number): number {
  return place < 2 ? place : (3 << (31 - Math.clz32(place))) - 1 - place;
}

function forward(real: Float64Array, imaginary: Float64Array, start: number, n: number, roots: Complex): void {
  if (n === 1) return;
  const half = n / 2;
  const { real: cosines, imaginary: sines } = roots;
  for (let k = 0, low = start, high = start + half; k < half; k++, low++, high++) {
    const re = real[low] - real[high];
    const im = imaginary[low] - imaginary[high];
    real[low] += real[high];
    imaginary[low] += imaginary[high];
    const cosine = cosines[half + k];
    const sine = sines[half + k];
    real[high] = re * cosine + im * sine;
    imaginary[high] = im * cosine - re * sine;
  }
  forward(real, imaginary, start, half, roots);
  forward(real, imaginary, start + half, half, roots);
}

function backward(real: Float64Array, imaginary: Float64Array, start: number, n: number, roots: Complex): void {
  if (n === 1) return;
  const half = n / 2;
  backward(real, imaginary, start, half, roots);
  backward(real, imaginary, start + half, half, roots);
  const { real: cosines, imaginary: sines } = roots;
  for (let k = 0, low = start, high = start + half; k < half; k++, low++, high++) {
    const cosine = cosines[half + k];
    const sine = sines[half + k];
    const re = real[high] * cosine - imaginary[high] * sine;
    const im = real[high] * sine + imaginary[high] * cosine;
    real[high] = real[low] - re;
    imaginary[high] = imaginary[low] - im;
    real[low] += re;
    imaginary[low] += im;
  }
}

/** e^(pi i k / half) at half + k, for every half: those of a size hold all of the smaller. */
let known: Complex = { real: new Float64Array(2), imaginary: new Float64Array(2) };

function rootsUpTo(n: number): Complex {
  if (known.real.length >= n) return known;
  const [real, imaginary] = [new Float64Array(n), new Float64Array(n)];
  for (let half = 1; half < n; half *= 2) {
    for (let k = 0; k < half; k++) {
      const [cosine, sine] = ofHalfTurns(k / half);
      real[half + k] = cosine;
      imaginary[half + k] = sine;
    }
  }
  known = { real, imaginary };
  return known;
}

/** Cosine and sine of pi x, x in [0, 1): from the nearest axis, so that no angle is above pi / 4. */
function ofHalfTurns(x: number): readonly [number, number] {
  if (x <= 0.25) return [Math.cos(Math.PI * x), Math.sin(Math.PI * x)];
  if (x <= 0.75) return [Math.sin(Math.PI * (0.5 - x)), Math.cos(Math.PI * (0.5 - x))];
  return [-Math.cos(Math.PI * (1 - x)), Math.sin(Math.PI * (1 - x))];
}

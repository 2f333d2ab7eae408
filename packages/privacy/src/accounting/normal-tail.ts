/** Tails of the standard normal distribution, to about 12 digits of their own size however small they are. */

const rootOfTwoPi = Math.sqrt(2 * Math.PI);
/** From here on the continued fraction converges fast; before it, the series loses three digits at most. */
const seriesEnds = 3;

/** ln P[X > x]. */
export function logNormalTail(x: number): number {
  if (x < 0) return Math.log1p(-Math.exp(logNormalTail(-x)));
  return x < seriesEnds ? Math.log(0.5 - series(x)) : logDensity(x) + Math.log(millsRatio(x));
}

/** P[X > x]. */
export function normalTail(x: number): number {
  if (x < 0) return 1 - normalTail(-x);
  return x < seriesEnds ? 0.5 - series(x) : Math.exp(logDensity(x)) * millsRatio(x);
}

const logDensity = (x: number) => -(x * x) / 2 - Math.log(rootOfTwoPi);

/** P[0 < X <= x] = density(x) (x + x^3/3 + x^5/(3 5) + ...) (Abramowitz and Stegun 26.2.11). */
function series(x: number): number {
  let term = x;
  let sum = x;
  for (let k = 3; term > 1e-18 * sum; k += 2) {
    term *= (x * x) / k;
    sum += term;
  }
  return Math.exp(logDensity(x)) * sum;
}

/** P[X > x] / density(x) = 1/(x + 1/(x + 2/(x + 3/(x + ...)))) (Abramowitz and Stegun 26.2.14), from the inside. */
function millsRatio(x: number): number {
  let fraction = x;
  // Digits double with sqrt(k): so many give 15 from x = 3 on.
  for (let k = 12 + Math.ceil(200 / (x * x)); k >= 1; k--) fraction = x + k / fraction;
  return 1 / fraction;
}

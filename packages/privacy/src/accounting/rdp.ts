/**
 * Rényi differential privacy of the Gaussian mechanism, plain and under Poisson sampling (Mironov 2017; Mironov, Talwar, Zhang
 * 2019). Noise multiplier z: standard deviation over the L2 sensitivity, add or remove one user.
 */

/** 1.1 to 10.9 by 0.1, 11 to 63, 128, 256, 512, 1024. */
export const defaultOrders: readonly number[] = [
  ...Array.from({ length: 99 }, (_, i) => (11 + i) / 10),
  ...Array.from({ length: 53 }, (_, i) => 11 + i),
  128,
  256,
  512,
  1024,
];

/** Noise with which one step already spends epsilons of thousands: below it, sampling is not counted. */
const leastNoise = 1e-2;

/** alpha / (2 z^2). @param order > 1 */
export function rdpGaussian(order: number, noiseMultiplier: number): number {
  return order / (2 * noiseMultiplier ** 2);
}

/**
 * One step in which each user takes part with probability `rate`, independently. Integer orders by the binomial sum, others by
 * quadrature of E[(1 - q + q e^L)^alpha] - 1 in a form without cancellation.
 * @param rate in [0, 1]
 * @throws RangeError on a rate outside, an order of 1 or below, or noise that is not positive
 */
export function rdpSubsampledGaussian(order: number, rate: number, noiseMultiplier: number): number {
  if (!(order > 1 && rate >= 0 && rate <= 1 && noiseMultiplier > 0)) {
    throw new RangeError(`No RDP at order ${order}, rate ${rate} and noise multiplier ${noiseMultiplier}.`);
  }
  if (rate === 0) return 0;
  // Sampling never makes a step worse; with next to no noise a quadrature would take forever.
  if (rate === 1 || noiseMultiplier < leastNoise) return rdpGaussian(order, noiseMultiplier);
  return Number.isInteger(order)
    ? integerOrder(order, rate, noiseMultiplier)
    : fractionalOrder(order, rate, noiseMultiplier);
}

/** ln sum_j C(alpha, j) (1-q)^(alpha-j) q^j exp(j (j-1) / (2 z^2)) / (alpha - 1). */
function integerOrder(order: number, rate: number, z: number): number {
  const logRate = Math.log(rate);
  const logRest = Math.log1p(-rate);
  let logBinomial = 0;
  let total = Number.NEGATIVE_INFINITY;
  for (let j = 0; j <= order; j++) {
    if (j > 0) logBinomial += Math.log((order - j + 1) / j);
    total = logAdd(total, logBinomial + (order - j) * logRest + j * logRate + (j * (j - 1)) / (2 * z * z));
  }
  return Math.max(0, total / (order - 1));
}

/** Trapezoid over x of N(x; 0, z^2) [expm1(alpha l) - alpha expm1(l)], l = ln(1 - q + q exp((2x - 1) / (2 z^2))). */
function fractionalOrder(order: number, rate: number, z: number): number {
  const step = z / 10;
  const from = -14 * z;
  const to = order + 14 * z;
  const logNorm = Math.log(step / (z * Math.sqrt(2 * Math.PI)));
  let logTotal = Number.NEGATIVE_INFINITY;
  for (let x = from; x <= to; x += step) {
    const ratio = (2 * x - 1) / (2 * z * z);
    const l =
      ratio > 30 ? ratio + Math.log(rate + (1 - rate) * Math.exp(-ratio)) : Math.log1p(rate * Math.expm1(ratio));
    const logWeight = logNorm - (x * x) / (2 * z * z);
    // expm1(alpha l) overflows where the weight underflows: take logarithms there.
    const term =
      order * l > 30
        ? order * l + Math.log1p(-(order * Math.exp((1 - order) * l)) + (order - 1) * Math.exp(-order * l))
        : Math.log(Math.expm1(order * l) - order * Math.expm1(l));
    if (Number.isFinite(term)) logTotal = logAdd(logTotal, logWeight + term);
  }
  const logOnePlus = logTotal > 30 ? logTotal + Math.log1p(Math.exp(-logTotal)) : Math.log1p(Math.exp(logTotal));
  return logOnePlus / (order - 1);
}

function logAdd(a: number, b: number): number {
  const most = Math.max(a, b);
  return most === Number.NEGATIVE_INFINITY ? most : most + Math.log(Math.exp(a - most) + Math.exp(b - most));
}

/**
 * Epsilon at `delta` of a curve of RDP values: the minimum over orders of
 * rdp - (ln delta + ln alpha) / (alpha - 1) + ln((alpha - 1) / alpha) (Canonne, Kamath, Steinke 2020, proposition 12).
 * @param rdp values at `orders`
 * @param delta in (0, 1)
 * @throws RangeError on another delta
 */
export function epsilonFromRdp(rdp: readonly number[], orders: readonly number[], delta: number): number {
  if (!(delta > 0 && delta < 1)) throw new RangeError(`delta is ${delta}; expected above 0 and below 1.`);
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < orders.length; i++) {
    const order = orders[i];
    const epsilon = rdp[i] - (Math.log(delta) + Math.log(order)) / (order - 1) + Math.log1p(-1 / order);
    if (epsilon < best) best = epsilon;
  }
  return Math.max(0, best);
}

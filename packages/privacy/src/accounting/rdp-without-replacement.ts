/** A cohort of fixed size, drawn uniformly: replace one person (Wang, Balle, Kasiviswanathan 2019). */

/**
 * Theorem 9 for a Gaussian mechanism: ln(1 + g^2 C(a, 2) min{4 (e^e(2) - 1), 2 e^e(2)} + sum_(j >= 3) g^j C(a, j) b(j)) / (a - 1), with
 * e(j) = j / (2 z'^2) and b(j) the smaller of 2 e^((j - 1) e(j)) and, by appendix B, 4 E|L - 1|^j of the likelihood ratio L. Replacing
 * one person moves the sum by twice the clip norm at most: z' is half of z. Between integers (a - 1) rdp(a) is convex, and so below
 * its chord.
 * @param order > 1
 * @param rate cohort over population, in (0, 1]
 * @param noiseMultiplier z, over the sensitivity of adding or removing one person
 */
export function rdpWithoutReplacement(order: number, rate: number, noiseMultiplier: number): number {
  const replacing = noiseMultiplier / 2;
  const plain = order / (2 * replacing ** 2);
  if (rate === 1) return plain;
  const below = Math.floor(order);
  const share = order - below;
  const logMoment = (a: number) => (a <= 1 ? 0 : logMomentOf(a, rate, replacing));
  const interpolated = share === 0 ? logMoment(order) : (1 - share) * logMoment(below) + share * logMoment(below + 1);
  return Math.min(plain, interpolated / (order - 1));
}

/** Beyond, and with less noise, the simple bound is hardly larger. */
const mostMoments = 256;
const leastNoise = 0.5;

function logMomentOf(order: number, rate: number, z: number): number {
  const renyi = (j: number) => j / (2 * z * z);
  let logTerm = 0;
  // ln of g^j C(a, j), by the ratio of neighbours.
  let logWeight = 0;
  for (let j = 1; j <= order; j++) {
    logWeight += Math.log(rate) + Math.log((order - j + 1) / j);
    if (j === 1) continue;
    const bound =
      j === 2
        ? Math.min(Math.log(4 * Math.expm1(renyi(2))), Math.LN2 + renyi(2))
        : Math.min(
            Math.LN2 + (j - 1) * renyi(j),
            j <= mostMoments && z >= leastNoise ? Math.log(4) + logCentralMoment(j, z) : Number.POSITIVE_INFINITY,
          );
    const most = Math.max(logTerm, logWeight + bound);
    logTerm = most + Math.log(Math.exp(logTerm - most) + Math.exp(logWeight + bound - most));
  }
  return logTerm;
}

/** ln E|L - 1|^j, L = e^((2x - 1) / 2z^2), x ~ N(0, z^2); of an odd j by Cauchy and Schwarz from its neighbours. */
function logCentralMoment(j: number, z: number): number {
  return j % 2 === 0 ? evenMoment(j, z) : (evenMoment(j - 1, z) + evenMoment(j + 1, z)) / 2;
}

let lastNoise = 0;
let lastMoments = new Map<number, number>();

/** The moments of one noise are asked for by all orders. */
function evenMoment(j: number, z: number): number {
  if (z !== lastNoise) [lastNoise, lastMoments] = [z, new Map()];
  const moment = lastMoments.get(j) ?? integrateMoment(j, z);
  lastMoments.set(j, moment);
  return moment;
}

/** By trapezoid: all terms are positive, and the integrand is smooth and falls on both sides. */
function integrateMoment(j: number, z: number): number {
  const step = z / 10;
  let total = Number.NEGATIVE_INFINITY;
  for (let x = -14 * z; x <= j + 14 * z; x += step) {
    const ratio = (2 * x - 1) / (2 * z * z);
    const distance = ratio > 30 ? ratio + Math.log1p(-Math.exp(-ratio)) : Math.log(Math.abs(Math.expm1(ratio)));
    const term = j * distance - (x * x) / (2 * z * z);
    const most = Math.max(total, term);
    if (most > Number.NEGATIVE_INFINITY) total = most + Math.log(Math.exp(total - most) + Math.exp(term - most));
  }
  return total + Math.log(step / (z * Math.sqrt(2 * Math.PI)));
}

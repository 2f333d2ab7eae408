/** Exact tails of the hypergeometric and the binomial distribution, in natural logarithms. */

/** ln(i!) for i = 0 .. n, grown as needed. */
let factorials = Float64Array.of(0);

function logFactorials(n: number): Float64Array {
  if (factorials.length > n) return factorials;
  const grown = new Float64Array(Math.max(n + 1, 2 * factorials.length));
  grown.set(factorials);
  // Compensated (Neumaier 1974): a million logarithms keep their last digits.
  let [sum, lost] = [factorials[factorials.length - 1], 0];
  for (let i = factorials.length; i < grown.length; i++) {
    const term = Math.log(i);
    const next = sum + term;
    lost += sum >= term ? sum - next + term : term - next + sum;
    sum = next;
    grown[i] = sum + lost;
  }
  factorials = grown;
  return grown;
}

/** ln C(n, k); -Infinity outside 0 <= k <= n. */
export function logChoose(n: number, k: number): number {
  if (k < 0 || k > n) return Number.NEGATIVE_INFINITY;
  const table = logFactorials(n);
  return table[n] - table[k] - table[n - k];
}

/** ln(e^a + e^b) */
export function logAdd(a: number, b: number): number {
  if (a === Number.NEGATIVE_INFINITY) return b;
  if (b === Number.NEGATIVE_INFINITY) return a;
  return a > b ? a + Math.log1p(Math.exp(b - a)) : b + Math.log1p(Math.exp(a - b));
}

/** ln P[H = x], H marked ones among `drawn` of `total`, of which `marked` are. */
function logMass(total: number, marked: number, drawn: number, x: number): number {
  return logChoose(marked, x) + logChoose(total - marked, drawn - x) - logChoose(total, drawn);
}

/** [x] = ln P[Hypergeometric(total, marked, drawn) >= x], x = 0 .. drawn + 1. */
export function logTails(total: number, marked: number, drawn: number): Float64Array {
  const tails = new Float64Array(drawn + 2).fill(Number.NEGATIVE_INFINITY);
  for (let x = drawn; x >= 0; x--) tails[x] = Math.min(0, logAdd(tails[x + 1], logMass(total, marked, drawn, x)));
  return tails;
}

/**
 * ln P[H >= x]. Away from the mode each mass is a shrinking multiple of the one before, so the sum ends where it no longer counts.
 */
export function logTail(total: number, marked: number, drawn: number, x: number): number {
  const most = Math.min(marked, drawn);
  const least = Math.max(0, drawn - (total - marked));
  if (x <= least) return 0;
  if (x > most) return Number.NEGATIVE_INFINITY;
  // Relative to the first mass: ratios of neighbours are rational.
  let [sum, mass] = [1, 1];
  for (let y = x; y < most; y++) {
    mass *= ((marked - y) * (drawn - y)) / ((y + 1) * (total - marked - drawn + y + 1));
    sum += mass;
    if (mass < 1e-18 * sum) break;
  }
  return Math.min(0, logMass(total, marked, drawn, x) + Math.log(sum));
}

/** ln P[Binomial(n, p) > m]. */
export function logBinomialTail(n: number, p: number, m: number): number {
  if (m >= n) return Number.NEGATIVE_INFINITY;
  if (p >= 1) return 0;
  let tail = Number.NEGATIVE_INFINITY;
  const [logP, logQ] = [Math.log(p), Math.log1p(-p)];
  for (let x = n; x > m; x--) tail = logAdd(tail, logChoose(n, x) + x * logP + (n - x) * logQ);
  return Math.min(0, tail);
}

/** The reference that tables are compared with: Canonne, Kamath, Steinke 2020, algorithms 1 to 3, as they stand, in integers. */
import type { SecureRandom } from '../random/secure-random.ts';
import type { Fraction } from './fixed-point.ts';

/** Uniform on 0 .. bound - 1, by rejection. */
function below(bound: bigint, random: SecureRandom): bigint {
  const bytes = Math.ceil(bound.toString(2).length / 8);
  const limit = (256n ** BigInt(bytes) / bound) * bound;
  for (;;) {
    let value = 0n;
    for (const byte of random.bytes(bytes)) value = value * 256n + BigInt(byte);
    if (value < limit) return value % bound;
  }
}

const bernoulli = (n: bigint, d: bigint, random: SecureRandom) => below(d, random) < n;

/** Algorithm 1: Bernoulli(exp(-n / d)). */
function bernoulliExp(n: bigint, d: bigint, random: SecureRandom): boolean {
  if (n <= d) {
    let k = 1n;
    while (bernoulli(n, d * k, random)) k += 1n;
    return k % 2n === 1n;
  }
  for (let i = 0n; i < n / d; i++) if (!bernoulliExp(1n, 1n, random)) return false;
  return bernoulliExp(n % d, d, random);
}

/** Algorithm 2: the discrete Laplace distribution of scale t. */
function discreteLaplace(t: bigint, random: SecureRandom): bigint {
  for (;;) {
    const u = below(t, random);
    if (!bernoulliExp(u, t, random)) continue;
    let v = 0n;
    while (bernoulliExp(1n, 1n, random)) v += 1n;
    const x = u + t * v;
    const negative = bernoulli(1n, 2n, random);
    if (negative && x === 0n) continue;
    return negative ? -x : x;
  }
}

/** Algorithm 3: N_Z(0, variance). */
export function exactDiscreteGaussian({ numerator, denominator }: Fraction, random: SecureRandom): number {
  let t = 1n;
  while (t * t * denominator <= numerator) t += 1n;
  for (;;) {
    const y = discreteLaplace(t, random);
    const absolute = y < 0n ? -y : y;
    // (|y| - v / t)^2 / 2v
    const difference = absolute * t * denominator - numerator;
    if (bernoulliExp(difference * difference, 2n * numerator * denominator * t * t, random)) return Number(y);
  }
}

/** Shamir's secret sharing (1979) of 32 bytes, read as sixteen u16le symbols, each the constant of a polynomial of its own. */
import type { SecureRandom } from '../../random/secure-random.ts';
import { multiply } from './field.ts';

export const shareBytes = 32;
const symbols = 16;

/**
 * Shares at x = 1 .. count; any `threshold` of them give the secret, fewer nothing.
 *
 * @param secret 32 bytes
 * @throws RangeError on another length, or unless 2 <= threshold <= count <= 65,535
 */
export function dealShares(secret: Uint8Array, threshold: number, count: number, random: SecureRandom): Uint8Array[] {
  if (secret.length !== shareBytes) throw new RangeError(`A secret has ${shareBytes} bytes; got ${secret.length}.`);
  if (!(threshold >= 2 && threshold <= count && count <= 65_535)) {
    throw new RangeError(`Expected 2 <= threshold <= count <= 65,535; got ${threshold} of ${count}.`);
  }
  const coefficients = random.bytes((threshold - 1) * shareBytes);
  const shares = Array.from({ length: count }, (_, i) => evaluateShare(secret, coefficients, i + 1));
  coefficients.fill(0);
  return shares;
}

/**
 * The share at x, by Horner's rule in constant time.
 * @param coefficients [(threshold - 1) * 32], of degree 1, 2, ..
 */
export function evaluateShare(secret: Uint8Array, coefficients: Uint8Array, x: number): Uint8Array {
  const share = new Uint8Array(shareBytes);
  for (let symbol = 0; symbol < symbols; symbol++) {
    const at = 2 * symbol;
    let value = 0;
    for (let offset = coefficients.length - shareBytes + at; offset >= 0; offset -= shareBytes) {
      value = multiply(value ^ coefficients[offset] ^ (coefficients[offset + 1] << 8), x);
    }
    value ^= secret[at] ^ (secret[at + 1] << 8);
    share[at] = value & 0xff;
    share[at + 1] = value >>> 8;
  }
  return share;
}

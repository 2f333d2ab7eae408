/** Shamir's secret sharing (1979) of 32 bytes, read as sixteen u16le symbols, each the constant of a polynomial of its own. */
import type { SecureRandom } from '../../random/secure-random.ts';

export const shareBytes = 32;
/** Of two symbols each. */
const words = 8;

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
 * The share at x, by Horner's rule. x is public: which powers are added may depend on it. Nothing depends on the secret: the two
 * symbols in each 32-bit word are doubled at once, without a branch or a table.
 *
 * @param coefficients [(threshold - 1) * 32], of degree 1, 2, ..
 */
export function evaluateShare(secret: Uint8Array, coefficients: Uint8Array, x: number): Uint8Array {
  const sum = new Int32Array(words);
  for (let degree = coefficients.length / shareBytes - 1; degree >= 0; degree--) {
    addWords(sum, coefficients, degree * shareBytes);
    multiplyWords(sum, x);
  }
  addWords(sum, secret, 0);
  const share = new Uint8Array(shareBytes);
  for (let word = 0; word < words; word++) {
    for (let byte = 0; byte < 4; byte++) share[4 * word + byte] = sum[word] >>> (8 * byte);
  }
  return share;
}

function addWords(sum: Int32Array, bytes: Uint8Array, from: number): void {
  for (let word = 0, at = from; word < words; word++, at += 4) {
    sum[word] ^= bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
  }
}

/** By double and add over the bits of x, the highest first. */
function multiplyWords(sum: Int32Array, x: number): void {
  const highest = 30 - Math.clz32(x);
  for (let word = 0; word < words; word++) {
    const value = sum[word];
    let product = value;
    for (let bit = highest; bit >= 0; bit--) {
      product = ((product & 0x7fff7fff) << 1) ^ Math.imul((product >>> 15) & 0x00010001, 0x100b);
      if ((x >>> bit) & 1) product ^= value;
    }
    sum[word] = product;
  }
}

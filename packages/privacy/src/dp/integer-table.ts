/**
 * Draws from a distribution on the integers from 0 by inversion over cumulative weights of 128 bits: the words of a uniform number
 * are compared one after the other, and nearly always the first one decides.
 */
import type { SecureRandom } from '../random/secure-random.ts';

export interface IntegerTable {
  /** Cumulative weights in units of 2^-128, by words from the highest; the last entry, 2^128, is left out. */
  readonly words: readonly [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
  /** For each top 16 bits of a uniform number, the first entry that may be meant. */
  readonly guide: Uint32Array;
}

const guideBits = 16;

/**
 * @param weights of 0, 1, 2 ..., non-negative, with a positive sum; their ratios are what counts
 */
export function integerTable(weights: readonly bigint[]): IntegerTable {
  const total = weights.reduce((sum, weight) => sum + weight, 0n);
  const count = weights.length - 1;
  const words = [0, 1, 2, 3].map(() => new Uint32Array(count)) as unknown as IntegerTable['words'];
  let cumulative = 0n;
  for (let i = 0; i < count; i++) {
    cumulative += weights[i];
    // Rounded to the nearest; a value of 2^128 itself says that what follows has no weight left.
    const rounded = ((cumulative << 129n) / total + 1n) >> 1n;
    const value = rounded >> 128n > 0n ? (1n << 128n) - 1n : rounded;
    for (let word = 0; word < 4; word++) words[word][i] = Number((value >> BigInt(96 - 32 * word)) & 0xffff_ffffn);
  }
  const guide = new Uint32Array(2 ** guideBits);
  let entry = 0;
  for (let top = 0; top < guide.length; top++) {
    while (entry < count && words[0][entry] >>> (32 - guideBits) < top) entry++;
    guide[top] = entry;
  }
  return { words, guide };
}

/**
 * At most so far is what is drawn from the distribution of the weights, in total variation: each of m cumulative weights is off by
 * half a unit of 2^-128, and each probability by two such.
 */
export function tableDistance({ words }: IntegerTable): number {
  return (words[0].length + 1) * 2 ** -128;
}

/** The integer that a uniform number means whose first word is `first`. @param random for the other words, rarely */
export function drawFromTable({ words, guide }: IntegerTable, first: number, random: SecureRandom): number {
  const [high] = words;
  const count = high.length;
  let i = guide[first >>> (32 - guideBits)];
  while (i < count && high[i] < first) i++;
  return i < count && high[i] === first ? decideByRest(words, i, first, random) : i;
}

/** The first word ties with the weight's: the others decide, the same for all entries that it ties with. */
function decideByRest(words: IntegerTable['words'], from: number, first: number, random: SecureRandom): number {
  const bytes = random.bytes(12);
  const view = new DataView(bytes.buffer, bytes.byteOffset, 12);
  const rest = [view.getUint32(0), view.getUint32(4), view.getUint32(8)];
  let i = from;
  for (; i < words[0].length && words[0][i] === first; i++) {
    const word = rest.findIndex((value, k) => value !== words[k + 1][i]);
    // Equal in all words is not below.
    if (word >= 0 && rest[word] < words[word + 1][i]) return i;
  }
  return i;
}

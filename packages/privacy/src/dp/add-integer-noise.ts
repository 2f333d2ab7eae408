/** Adds symmetric noise on the integers, drawn from a table, to integers modulo 2^32. */
import { bulkRandom } from '../random/keystream.ts';
import type { SecureRandom } from '../random/secure-random.ts';
import type { Fraction } from './fixed-point.ts';
import { drawFromTable, type IntegerTable } from './integer-table.ts';
import { recent } from './recent.ts';

/** A symmetric distribution on the integers. */
export interface NoiseTable {
  /** Of absolute values, 0 with half its weight, as it is drawn with either sign; or of blocks of them. */
  readonly table: IntegerTable;
  /** Of a discrete Gaussian whose table is of blocks. */
  readonly refinement: Refinement;
  /** Total variation of one draw from the distribution: each adds (1 + e^epsilon) times as much to a claim's delta. */
  readonly distance: number;
}

export interface Refinement {
  readonly variance: Fraction;
  /** Width of a block, a power of two; 1 where absolute values are drawn themselves. */
  readonly coarseness: number;
  /** Largest gamma of all refusals, in units of 2^-32, rounded up: a word from there on needs no arithmetic. */
  readonly refusalBound: number;
}

const chunk = 16_384;

/**
 * Adds independent draws to vector[from .. to), all of it unless given, modulo 2^32. How long it takes depends on the noise alone,
 * never on the vector.
 * @param random a CSPRNG, which seeds a keystream where many are drawn
 */
export type AddNoise = (
  vector: Uint32Array | Int32Array,
  variance: number,
  random: SecureRandom,
  from?: number,
  to?: number,
) => void;

/** Of a kind of distribution, whose last few tables are kept. */
export function noiseAdder(tableFor: (variance: number) => NoiseTable): AddNoise {
  const tableOf = recent(tableFor);
  return (vector, variance, random, from = 0, to = vector.length) =>
    addTable(vector, tableOf(variance), random, from, to);
}

function addTable(
  vector: Uint32Array | Int32Array,
  noise: NoiseTable,
  random: SecureRandom,
  from: number,
  to: number,
): void {
  const { table, refinement } = noise;
  const source = to - from > 256 ? bulkRandom(random) : random;
  const wide = refinement.coarseness > 1;
  const wordsEach = wide ? 3 : 1;
  for (let at = from; at < to; at += chunk) {
    const count = Math.min(chunk, to - at);
    const bytes = source.bytes(4 * wordsEach * count + Math.ceil(count / 8));
    const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const signs = bytes.subarray(4 * wordsEach * count);
    for (let i = 0; i < count; i++) {
      const negative = ((signs[i >> 3] >> (i & 7)) & 1) === 1;
      const word = 4 * wordsEach * i;
      const block = drawFromTable(table, words.getUint32(word, true), source);
      if (wide) {
        const [offset, test] = [words.getUint32(word + 4, true), words.getUint32(word + 8, true)];
        vector[at + i] += refined(noise, { block, negative, offset, test }, source);
      } else vector[at + i] += negative ? -block : block;
    }
    bytes.fill(0);
  }
}

/** A block and its sign, and the words that give the offset in it and decide whether it stays. */
interface Proposal {
  readonly block: number;
  readonly negative: boolean;
  readonly offset: number;
  readonly test: number;
}

/** The offset within the block, accepted with probability exp(-gamma); after a refusal everything is drawn again. */
function refined({ table, refinement }: NoiseTable, proposal: Proposal, random: SecureRandom): number {
  const { coarseness, refusalBound } = refinement;
  for (let { block, negative, offset, test } = proposal; ; ) {
    const inBlock = offset & (coarseness - 1);
    const zeroAgain = block === 0 && inBlock === 0 && negative;
    if (!zeroAgain && (test >= refusalBound || !refuses(refinement, block, inBlock, test, random))) {
      const value = block * coarseness + inBlock;
      return negative ? -value : value;
    }
    const [word, sign, ...rest] = words32(4, random);
    [block, negative] = [drawFromTable(table, word, random), (sign & 1) === 1];
    [offset, test] = rest;
  }
}

/**
 * True with probability 1 - exp(-gamma), gamma = (2 b c r + r^2) / 2v (CKS20, algorithm 1): the first k whose Bernoulli(gamma / k)
 * fails is odd with probability exp(-gamma). `test` is the first word of the first of them.
 */
function refuses(
  { variance, coarseness }: Refinement,
  block: number,
  offset: number,
  test: number,
  random: SecureRandom,
): boolean {
  const r = BigInt(offset);
  const numerator = (2n * BigInt(block) * BigInt(coarseness) * r + r * r) * variance.denominator;
  const denominator = 2n * variance.numerator;
  let k = 1n;
  let word = test;
  while (isBelow(word, numerator, denominator * k, random)) {
    k += 1n;
    [word] = words32(1, random);
  }
  return k % 2n === 0n;
}

/** Whether a uniform number of [0, 1), of which `first` is the first word, is below the fraction: bits are drawn until it shows. */
function isBelow(first: number, numerator: bigint, denominator: bigint, random: SecureRandom): boolean {
  let rest = numerator;
  for (let word = first; ; [word] = words32(1, random)) {
    rest <<= 32n;
    const digit = rest / denominator;
    if (BigInt(word) !== digit) return BigInt(word) < digit;
    rest -= digit * denominator;
    if (rest === 0n) return false;
  }
}

function words32(count: number, random: SecureRandom): number[] {
  const bytes = random.bytes(4 * count);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: count }, (_, i) => view.getUint32(4 * i, true));
}

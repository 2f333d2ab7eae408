/**
 * How fast an engine makes and adds mask streams, and how fast a GPU could at most. Where the Vulkan loader knows no driver, name one in
 * VK_ICD_FILENAMES.
 */
import { elementsPerBlock } from '@tributary/privacy';
import type { AggregationEngine } from '../../packages/coordinator/src/aggregation/engines/engine.ts';
import { medianSeconds } from '../median-seconds.ts';

export interface KeystreamCase {
  /** Elements of the vector. */
  readonly length: number;
  readonly bits: number;
  /** Seeds of one measurement. */
  readonly seeds: number;
}

/** Bytes of keystream of one seed: whole blocks of 64. */
export const keystreamBytes = ({ length, bits }: KeystreamCase): number =>
  64 * Math.ceil(length / elementsPerBlock(bits));

/** Bytes of keystream a second, until the sum is read back; the median of `turns`. The sum is opened before. */
export async function keystreamRate(engine: AggregationEngine, work: KeystreamCase, turns = 5): Promise<number> {
  const sum = await engine.openModularSum([{ length: work.length, bits: work.bits }]);
  const seed = new Uint8Array(32);
  const run = async () => {
    sum.reset();
    for (let i = 0; i < work.seeds; i++) {
      seed.fill(i);
      seed[0] = i >> 8;
      await sum.addKeystream(seed, i & 1 ? 1 : -1);
    }
    await sum.finish();
  };
  const [seconds] = await medianSeconds([{ name: engine.name, run }], turns);
  await sum.close();
  return (work.seeds * keystreamBytes(work)) / seconds;
}

/** Bytes of packed vectors a second that are added, until the sum is read back. */
export async function packedRate(engine: AggregationEngine, work: KeystreamCase, turns = 5): Promise<number> {
  const sum = await engine.openModularSum([{ length: work.length, bits: work.bits }]);
  const bytes = Math.ceil((work.length * work.bits) / 8);
  const packed = [new Uint8Array(bytes)];
  const run = async () => {
    sum.reset();
    for (let i = 0; i < work.seeds; i++) sum.addPacked(packed);
    await sum.finish();
  };
  const [seconds] = await medianSeconds([{ name: engine.name, run }], turns);
  await sum.close();
  return (work.seeds * bytes) / seconds;
}

/**
 * 32-bit operations for one block of 64 bytes: ten double rounds of eight quarter rounds, each of four additions, four xors and four
 * rotations (RFC 8439, section 2.1), so 10 * 8 * 12 = 960; 16 additions of the initial state; for each element a shift, another and an
 * `or` where it lies across two words (floor(512 / b) of them, of which about b / 32 do), and an addition. A rotation counts for one: GPUs
 * have it as a funnel shift or a permutation of bytes.
 */
export function operationsPerBlock(bits: number): number {
  const elements = elementsPerBlock(bits);
  let extraction = 0;
  for (let e = 0; e < elements; e++) {
    const shift = (e * bits) & 31;
    extraction += 1 + (shift === 0 ? 0 : 1) + (shift + bits > 32 ? 2 : 0);
  }
  return 10 * 8 * 12 + 16 + extraction;
}

/**
 * Bytes of keystream a second when every lane does one 32-bit integer operation each cycle, and nothing else costs anything. An H100
 * (SXM: 132 multiprocessors of 64 lanes for 32-bit integers, 1.755 GHz) has 14.8e12 operations a second: at 16 bits, 1,024 for a block of
 * 64 bytes, some 930 GB/s.
 * @param lanes that do 32-bit integer operations, of the whole device
 * @param clock in hertz
 */
export const arithmeticLimit = (lanes: number, clock: number, bits: number): number =>
  (64 * lanes * clock) / operationsPerBlock(bits);

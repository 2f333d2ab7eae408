/** How fast an engine adds on this machine: a fraction of a second for each kind of sum. */
import { packedLength } from '@tributary/privacy';
import { unlessUnsupported } from './check-sums.ts';
import type { AggregationEngine, FloatSum, ModularSum } from './engine.ts';

export const benchmarkKinds = ['keystream', 'packed', 'float'] as const;
export type BenchmarkKind = (typeof benchmarkKinds)[number];

/**
 * 10^9 bytes of vectors added a second, of 2^20 elements: mask streams of 20 bits an element, uploads of 20 bits an element, float32. Null where the engine has no such sums, or was not asked.
 */
export type EngineBenchmark = Readonly<Record<BenchmarkKind, number | null>>;

const length = 2 ** 20;
const bits = 20;
/** Below this the clock and what a sum costs by itself count too much. */
const leastMilliseconds = 30;
const mostWarmUpMilliseconds = 100;
const mostAdditions = 4096;

/** Throws as the engine's methods do. */
export async function benchmarkEngine(
  engine: AggregationEngine,
  kinds: readonly BenchmarkKind[] = benchmarkKinds,
): Promise<EngineBenchmark> {
  const wanted = new Set(kinds);
  const result: Record<BenchmarkKind, number | null> = { keystream: null, packed: null, float: null };
  if (wanted.has('keystream') || wanted.has('packed')) {
    const sum = await unlessUnsupported(engine.openModularSum([{ length, bits }]));
    const packed = [new Uint8Array(packedLength(length, bits)).fill(0x5a)];
    const seed = new Uint8Array(32).fill(7);
    const bytes = packed[0].length;
    await closing(sum, async (open) => {
      if (wanted.has('keystream')) result.keystream = await throughput(open, bytes, () => open.addKeystream(seed, 1));
      if (wanted.has('packed')) result.packed = await throughput(open, bytes, () => open.addPacked(packed));
    });
  }
  if (wanted.has('float')) {
    const vector = new Float32Array(length).fill(0.5);
    await closing(await unlessUnsupported(engine.openFloatSum(length)), async (open) => {
      result.float = await throughput(open, vector.byteLength, () => open.add(vector, 0.5));
    });
  }
  return result;
}

async function closing<Sum extends ModularSum | FloatSum>(
  sum: Sum | null,
  work: (sum: Sum) => Promise<void>,
): Promise<void> {
  if (!sum) return;
  try {
    await work(sum);
  } finally {
    await sum.close();
  }
}

/** @returns 10^9 bytes a second */
async function throughput(
  sum: Pick<ModularSum | FloatSum, 'finish' | 'reset'>,
  bytes: number,
  add: () => void | Promise<void>,
): Promise<number> {
  async function once(additions: number): Promise<number> {
    const began = performance.now();
    for (let i = 0; i < additions; i++) await add();
    await sum.finish();
    const took = performance.now() - began;
    sum.reset();
    return took;
  }
  // Shaders are compiled with the first additions, and threads start once a sum is worth it.
  for (const additions of [1, 4, 16]) if ((await once(additions)) > mostWarmUpMilliseconds) break;
  // The faster of two: other programs have their turn.
  const milliseconds = async (additions: number) => Math.min(await once(additions), await once(additions));
  const empty = await milliseconds(0);
  for (let additions = 1; ; additions *= 4) {
    const took = (await milliseconds(additions)) - empty;
    if (took >= leastMilliseconds || additions >= mostAdditions) {
      return (additions * bytes) / (Math.max(took, leastMilliseconds / 10) * 1e6);
    }
  }
}

/**
 * A device's masks against the floor: the bare keystream of the same bytes by the platform's ChaCha20, in the same run. A cohort of
 * 1,000 devices gives one of them 172 mask neighbours, and it adds a mask of its own.
 */
import { createCipheriv } from 'node:crypto';
import { createModularAccumulator, elementsPerBlock, type Masking } from '@tributary/privacy';
import type { BenchRow } from '../../../bench/bench-row.ts';

const elements = 1_000_000;
const streams = 173;
const turns = 2;
const most = 1.5;
const zeros = new Uint8Array(65_536);
const maskings: readonly Masking[] = ['native', 'wasm', 'portable'];

export async function rows(): Promise<BenchRow[]> {
  return [...rowsOf(20), ...rowsOf(16)];
}

interface Milliseconds {
  readonly fastest: number;
  readonly mean: number;
}

/**
 * By the fastest stream of each, in a row over one sum as a device makes them. Node's cipher returns its bytes in new buffers, whose
 * pages the system may have taken back: in some runs that doubles the mean of the bare keystream, and ratios of means would look
 * better than they are.
 */
function rowsOf(bits: number): BenchRow[] {
  const bytes = 64 * Math.ceil(elements / elementsPerBlock(bits));
  const accumulatorOf = (masking?: Masking) =>
    createModularAccumulator({ length: elements, bits, section: 0, ...(masking ? { masking } : {}) });
  const byDefault = accumulatorOf();
  const accumulators = [byDefault, ...maskings.map(accumulatorOf)];
  const [bare, best, ...others] = timeStreams([
    (seed) => bareKeystream(seed, bytes),
    ...accumulators.map((sum) => (seed: Uint8Array) => sum.addMask(seed, 1)),
  ]);
  const detail = ({ fastest, mean }: Milliseconds) => `${fastest.toFixed(2)} ms a stream (mean ${mean.toFixed(2)})`;
  const ratio = best.fastest / bare.fastest;
  return [
    {
      name: `client masking, 1M elements, b = ${bits}, ${streams} streams, over node:crypto's bare keystream`,
      ratio,
      target: `<= ${most}x`,
      ok: ratio <= most,
      detail: `by default ${byDefault.masking}: ${detail(best)} against ${detail(bare)}`,
    },
    ...maskings.map((masking, i) => ({
      name: `the same by '${masking}', b = ${bits}`,
      ratio: others[i].fastest / bare.fastest,
      target: '-',
      ok: null,
      detail: detail(others[i]),
    })),
  ];
}

/** The contestants take turns; the first streams of each, which the engine still compiles, are never the fastest. */
function timeStreams(contestants: readonly ((seed: Uint8Array) => void)[]): readonly Milliseconds[] {
  const times: number[][] = contestants.map(() => []);
  for (let turn = 0; turn < turns; turn++) {
    for (const [which, run] of contestants.entries()) {
      for (let stream = 0; stream < streams; stream++) {
        const seed = new Uint8Array(32).fill(stream + 1);
        const start = performance.now();
        run(seed);
        times[which].push(performance.now() - start);
      }
    }
  }
  return times.map((values) => ({
    fastest: Math.min(...values),
    mean: values.reduce((total, value) => total + value, 0) / values.length,
  }));
}

function bareKeystream(seed: Uint8Array, bytes: number): void {
  const cipher = createCipheriv('chacha20', seed, new Uint8Array(16));
  for (let left = bytes; left > 0; left -= zeros.length) cipher.update(zeros.subarray(0, Math.min(left, zeros.length)));
}

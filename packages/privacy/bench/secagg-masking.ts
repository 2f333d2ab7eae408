/**
 * A device's masks against the floor, the bare keystream of the same bytes in the same run: WebAssembly against the kernel's own
 * keystream, what a runtime takes by default against the platform's ChaCha20. A cohort of 1,000 devices with 90 drawn neighbours
 * gives one of them 172 pairwise masks (2 k - k² / n), and it adds a mask of its own.
 */
import { createCipheriv } from 'node:crypto';
import { createModularAccumulator, elementsPerBlock, type Masking } from '@tributary/privacy';
import type { BenchRow } from '../../../bench/bench-row.ts';
import { createMaskingKernel } from '../src/masking/simd-kernel.ts';

const elements = 1_000_000;
const streams = 173;
const turns = 2;
const most = 1.5;
const zeros = new Uint8Array(65_536);
/** Where the kernel finds the key: anywhere behind its scratch. */
const keyAt = 512;

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
  const blocks = Math.ceil(elements / elementsPerBlock(bits));
  const contestant = (masking?: Masking) => {
    const sum = createModularAccumulator({ length: elements, bits, section: 0, ...(masking ? { masking } : {}) });
    return { masking: sum.masking, run: (seed: Uint8Array) => sum.addMask(seed, 1) };
  };
  const byDefault = contestant();
  const [platform, kernel, best, wasm, portable] = timeStreams([
    (seed) => platformKeystream(seed, 64 * blocks),
    kernelKeystream(blocks),
    byDefault.run,
    contestant('wasm').run,
    contestant('portable').run,
  ]);
  const shown = ({ fastest, mean }: Milliseconds) => `${fastest.toFixed(2)} ms (mean ${mean.toFixed(2)})`;
  const row = (name: string, mask: Milliseconds, bare: Milliseconds, target: number | null): BenchRow => ({
    name: `${name}, 1M elements, b = ${bits}`,
    ratio: mask.fastest / bare.fastest,
    target: target === null ? 'none' : `<= ${target}x`,
    ok: target === null ? null : mask.fastest / bare.fastest <= target,
    detail: `fastest of ${turns * streams} streams: a mask ${shown(mask)}, bare ${shown(bare)}`,
  });
  const platforms = "over node:crypto's bare keystream";
  return [
    row(`client masking, ${streams} streams, 'wasm' over its kernel's bare keystream`, wasm, kernel, most),
    row(`client masking, ${streams} streams, by default ('${byDefault.masking}') ${platforms}`, best, platform, most),
    row(`client masking by 'wasm' ${platforms}`, wasm, platform, null),
    row(`client masking by 'portable' ${platforms}`, portable, platform, null),
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

function platformKeystream(seed: Uint8Array, bytes: number): void {
  const cipher = createCipheriv('chacha20', seed, new Uint8Array(16));
  for (let left = bytes; left > 0; left -= zeros.length) cipher.update(zeros.subarray(0, Math.min(left, zeros.length)));
}

/** Four blocks at a time into the kernel's scratch of 256 bytes: nothing is read there. */
function kernelKeystream(blocks: number): (seed: Uint8Array) => void {
  const kernel = createMaskingKernel(65_536);
  if (!kernel) throw new Error('This runtime has no WebAssembly SIMD.');
  const key = new Uint8Array(kernel.buffer, keyAt, 32);
  return (seed) => {
    key.set(seed);
    for (let block = 0; block < blocks; block += 4) kernel.keystream(keyAt, 0, block);
  };
}

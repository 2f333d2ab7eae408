/**
 * The host's engine against its floors: C loops at -O3 over the same bytes, the bare native cipher, one thread beside two. Run alone by
 * `tsx --conditions=source packages/coordinator/bench/engines.ts`.
 */
import { createCipheriv } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { packedLength, packValues } from '@tributary/privacy';
import type { BenchRow } from '../../../bench/bench-row.ts';
import { type CLoops, startCLoops } from '../../../bench/c-loops.ts';
import { medianSeconds } from '../../../bench/median-seconds.ts';
import { openCpuEngine } from '../src/aggregation/engines/cpu/cpu-engine.ts';

const million = 2 ** 20;
const gigabytesASecond = (bytes: number, seconds: number) => `${(bytes / seconds / 1e9).toFixed(1)} GB/s`;

/** Bytes moved alike by both: the vector is read, the sum is read and written. */
async function againstC(loops: CLoops, bits: 16 | 32, size: number, repeats: number, least: number): Promise<BenchRow> {
  const sum = openCpuEngine({ threads: 0 }).createModularSum([{ length: size, bits }]);
  const received = sum.takeVectorMemory?.();
  if (!received) throw new Error('This runtime has no WebAssembly memory that threads share.');
  received.set(
    packValues(
      new Uint32Array(size).map((_, i) => (Math.imul(i, 2_654_435_761) >>> 0) % 2 ** bits),
      bits,
    ),
  );
  // As uploads are: received in the sum's memory.
  const packed = [received];
  const [ours, theirs] = await medianSeconds(
    [
      {
        name: 'ours',
        run: () => {
          for (let i = 0; i < repeats; i++) sum.addPacked(packed);
        },
      },
      { name: 'C', run: () => loops.run(bits === 32 ? 'add32' : 'add16', size, repeats) },
    ],
    21,
  );
  const bytes = (8 + bits / 8) * size * repeats;
  const ratio = theirs / ours;
  return {
    name: `${bits === 32 ? 'modular add' : `unpack and add of ${bits} bits`}, ${size / million}M elements, one core: bandwidth over a C loop's at -O3`,
    ratio,
    target: `>= ${least}x`,
    ok: ratio >= least,
    detail: `${gigabytesASecond(bytes, ours)} against ${gigabytesASecond(bytes, theirs)}`,
  };
}

const keystreamBits = 20;
const seeds = 24;

/** Keystream made and added, over the same bytes from the platform's cipher, which nothing is done with. */
async function againstCipher(): Promise<BenchRow> {
  const bytes = packedLength(million, keystreamBits);
  const sum = openCpuEngine({ threads: 0 }).createModularSum([{ length: million, bits: keystreamBits }]);
  const seed = new Uint8Array(32).fill(7);
  const zeros = new Uint8Array(65_536);
  const [ours, bare] = await medianSeconds(
    [
      {
        name: 'ours',
        run: async () => {
          for (let i = 0; i < seeds; i++) await sum.addKeystream(seed, 1);
        },
      },
      {
        name: 'cipher',
        run: () => {
          for (let i = 0; i < seeds; i++) {
            const cipher = createCipheriv('chacha20', seed, new Uint8Array(16));
            for (let left = bytes; left > 0; left -= zeros.length) {
              cipher.update(zeros.subarray(0, Math.min(left, zeros.length)));
            }
          }
        },
      },
    ],
    15,
  );
  const ratio = bare / ours;
  return {
    name: `keystream accumulate, 1M elements of ${keystreamBits} bits, one core: over the bare native cipher`,
    ratio,
    target: '>= 0.7x',
    ok: ratio >= 0.7,
    detail: `${gigabytesASecond(bytes * seeds, ours)} against ${gigabytesASecond(bytes * seeds, bare)}`,
  };
}

/** A whole unmasking of so many seeds, wall time. */
async function twoOverOne(): Promise<BenchRow> {
  const perTurn = 256;
  const bytes = packedLength(million, keystreamBits) * perTurn;
  const contestants = [1, 2].map((threads) => {
    const sum = openCpuEngine({ threads }).createModularSum([{ length: million, bits: keystreamBits }]);
    const seed = new Uint8Array(32).fill(7);
    return {
      name: `${threads} threads`,
      run: async () => {
        for (let i = 0; i < perTurn; i++) await sum.addKeystream(seed, 1);
        await sum.finish();
        sum.reset();
      },
    };
  });
  const [one, two] = await medianSeconds(contestants, 9);
  const ratio = one / two;
  return {
    name: 'keystream accumulate, two threads over one',
    ratio,
    target: '>= 1.7x',
    ok: ratio >= 1.7,
    detail: `${gigabytesASecond(bytes, two)} against ${gigabytesASecond(bytes, one)}`,
  };
}

/** What is resident of a sum of 10^7 parameters that 1,000 devices add to and as many masks are taken off. */
async function memoryOfLargeSum(): Promise<BenchRow> {
  const length = 10_000_000;
  const bits = 20;
  const engine = openCpuEngine();
  // Threads, and what they load, are the engine's and not the sum's.
  const small = engine.createModularSum([{ length: 2 ** 16, bits }]);
  for (let mask = 0; mask < 128; mask++) await small.addKeystream(new Uint8Array(32).fill(mask), 1);
  await small.finish();
  await small.close();
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  const packed = [new Uint8Array(packedLength(length, bits))];
  const sum = engine.createModularSum([{ length, bits }]);
  let peak = 0;
  const look = () => {
    peak = Math.max(peak, process.memoryUsage().rss - before - packed[0].length);
  };
  for (let device = 0; device < 1000; device++) {
    sum.addPacked(packed);
    look();
  }
  for (let mask = 0; mask < 70; mask++) {
    await sum.addKeystream(new Uint8Array(32).fill(mask), 1);
    look();
  }
  const values = await sum.finish();
  look();
  await engine.close();
  const ratio = peak / (4 * length);
  return {
    name: 'memory of a sum of 10^7 parameters, 1,000 devices, in copies of the model (4 bytes a parameter)',
    ratio,
    target: '<= 3x',
    ok: ratio <= 3,
    detail: `${(peak / 1e6).toFixed(0)} MB more resident than with the threads alone, the ${values[0].length} values that come out among them`,
  };
}

export async function rows(): Promise<BenchRow[]> {
  const loops = await startCLoops();
  const notCompiled = (name: string, target: string): BenchRow => {
    return { name, ratio: null, target, ok: null, detail: 'no C compiler (cc) is installed' };
  };
  const againstLoops = loops
    ? [
        await againstC(loops, 32, million, 40, 0.8),
        await againstC(loops, 32, 16 * million, 3, 0.8),
        await againstC(loops, 16, million, 40, 0.5),
        await againstC(loops, 16, 16 * million, 3, 0.5),
      ]
    : [
        notCompiled('modular add over a C loop', '>= 0.8x'),
        notCompiled('unpack and add of 16 bits over a C loop', '>= 0.5x'),
      ];
  await loops?.stop();
  return [...againstLoops, await againstCipher(), await twoOverOne(), await memoryOfLargeSum()];
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) console.table(await rows());

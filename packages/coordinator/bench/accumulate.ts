/**
 * Weighted float32 accumulation against the floor, a copy of memory, and against NumPy's loop. Run alone by
 * `tsx --conditions=source packages/coordinator/bench/accumulate.ts`.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import type { BenchRow } from '../../../bench/bench-row.ts';
import { medianSeconds } from '../../../bench/median-seconds.ts';
import { createAccumulator } from '../src/aggregation/accumulator.ts';

const million = 2 ** 20;
const updates = 100;

/** `total += w * x` as NumPy users write it, over updates that are in memory: once for each line that it reads. */
const numpyLoop = `
import sys, numpy
updates = [numpy.random.rand(${million}).astype(numpy.float32) for _ in range(8)]
print("ready", flush=True)
for _ in sys.stdin:
    total = numpy.zeros(${million}, numpy.float32)
    for k in range(${updates}):
        total += numpy.float32(1 / (k + 1)) * updates[k % 8]
    print("done", flush=True)
`;

function randomVector(size: number): Float32Array {
  return Float32Array.from({ length: size }, () => Math.random() - 0.5);
}

/** Bandwidth of one addition (12 bytes an element: two reads and a write) over that of a copy (8: a read and a write). */
async function againstCopy(size: number, repeats: number): Promise<BenchRow> {
  const accumulator = createAccumulator(size);
  const vector = randomVector(size);
  const target = new Float32Array(size);
  const times = (run: () => void) => () => {
    for (let i = 0; i < repeats; i++) run();
  };
  const [adding, copying] = await medianSeconds(
    [
      { name: 'add', run: times(() => accumulator.add(vector, 1 / 3)) },
      { name: 'copy', run: times(() => target.set(vector)) },
    ],
    15,
  );
  const gigabytes = (bytes: number, seconds: number) => ((bytes * size * repeats) / seconds / 1e9).toFixed(1);
  const ratio = 12 / adding / (8 / copying);
  return {
    name: `weighted accumulation, ${size / million}M float32: bandwidth over a memory copy's`,
    ratio,
    target: '>= 0.6x',
    ok: ratio >= 0.6,
    detail: `${gigabytes(12, adding)} GB/s against ${gigabytes(8, copying)} GB/s, one core`,
  };
}

/** NumPy's loop in a process of its own; `run` does it once. Null where python3 or NumPy is missing. */
async function startNumpy(): Promise<{ run: () => Promise<void>; stop: () => void } | null> {
  const child = spawn('python3', ['-c', numpyLoop], { stdio: ['pipe', 'pipe', 'ignore'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  child.once('error', () => child.stdout.destroy());
  const answered = async () => {
    if ((await lines.next()).done) throw new Error('NumPy stopped');
  };
  try {
    await answered();
  } catch {
    return null;
  }
  const run = () => {
    const answer = answered();
    child.stdin.write('again\n');
    return answer;
  };
  return { run, stop: () => child.stdin.end() };
}

async function againstNumpy(): Promise<BenchRow> {
  const name = `weighted sum of ${updates} x 1M float32: NumPy's loop over ours`;
  const target = '>= 1x';
  const accumulator = createAccumulator(million);
  const vectors = Array.from({ length: 8 }, () => randomVector(million));
  const numpy = await startNumpy();
  if (!numpy) return { name, ratio: null, target, ok: null, detail: 'python3 with numpy is missing' };
  const [ours, theirs] = await medianSeconds(
    [
      {
        name: 'ours',
        run: () => {
          accumulator.reset();
          for (let k = 0; k < updates; k++) accumulator.add(vectors[k % 8], 1 / (k + 1));
        },
      },
      { name: 'numpy', run: numpy.run },
    ],
    15,
  );
  numpy.stop();
  const milliseconds = (seconds: number) => `${(seconds * 1e3).toFixed(1)} ms`;
  const ratio = theirs / ours;
  return { name, ratio, target, ok: ratio >= 1, detail: `${milliseconds(theirs)} against ${milliseconds(ours)}` };
}

export async function rows(): Promise<BenchRow[]> {
  return [await againstCopy(million, 20), await againstCopy(16 * million, 2), await againstNumpy()];
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) console.table(await rows());

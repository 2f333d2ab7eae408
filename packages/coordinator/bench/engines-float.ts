/**
 * Weighted float32 accumulation against the floor, a copy of memory, and against NumPy's loop and Flower's function. Run alone by
 * `tsx --conditions=source packages/coordinator/bench/engines-float.ts`.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
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

interface Peer {
  /** What it said when it was ready. */
  readonly said: string;
  /** Does it once. */
  readonly run: () => Promise<void>;
  readonly stop: () => void;
}

/** Python in a process of its own. Null where it, or what it imports, is missing. */
async function startPython(python: string, ...commandLine: readonly string[]): Promise<Peer | null> {
  const child = spawn(python, commandLine, { stdio: ['pipe', 'pipe', 'ignore'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  child.once('error', () => child.stdout.destroy());
  const answered = async () => {
    const { done, value } = await lines.next();
    if (done) throw new Error('Python stopped.');
    return value;
  };
  try {
    const said = await answered();
    const run = async () => {
      const answer = answered();
      child.stdin.write('again\n');
      await answer;
    };
    return { said, run, stop: () => child.stdin.end() };
  } catch {
    return null;
  }
}

async function againstPeer(name: string, least: number, peer: Peer | null, missing: string): Promise<BenchRow> {
  const target = `>= ${least}x`;
  if (!peer) return { name, ratio: null, target, ok: null, detail: missing };
  const accumulator = createAccumulator(million);
  const vectors = Array.from({ length: 8 }, () => randomVector(million));
  const ours = () => {
    accumulator.reset();
    for (let k = 0; k < updates; k++) accumulator.add(vectors[k % 8], 1 / (k + 1));
  };
  const [mine, theirs] = await medianSeconds(
    [
      { name: 'ours', run: ours },
      { name: 'peer', run: peer.run },
    ],
    15,
  );
  peer.stop();
  const milliseconds = (seconds: number) => `${(seconds * 1e3).toFixed(1)} ms`;
  const ratio = theirs / mine;
  const version = peer.said.replace(/^ready ?/, '');
  const detail = `${milliseconds(theirs)}${version && ` (${version})`} against ${milliseconds(mine)}`;
  return { name, ratio, target, ok: ratio >= least, detail };
}

async function againstPeers(): Promise<BenchRow[]> {
  const python = process.env.TRIBUTARY_PYTHON ?? 'python3';
  const flower = process.env.TRIBUTARY_FLWR_PYTHON ?? python;
  const script = fileURLToPath(new URL('./flower_aggregate.py', import.meta.url));
  const sum = `weighted sum of ${updates} x 1M float32`;
  const numpyMissing = `${python} has no numpy (pip install numpy, or name a Python in TRIBUTARY_PYTHON)`;
  const flowerMissing = `${flower} has no flwr (pip install flwr, or name a Python in TRIBUTARY_FLWR_PYTHON)`;
  return [
    await againstPeer(`${sum}: NumPy's loop over ours`, 1, await startPython(python, '-c', numpyLoop), numpyMissing),
    await againstPeer(`${sum}: Flower's aggregate over ours`, 3, await startPython(flower, script), flowerMissing),
  ];
}

export async function rows(): Promise<BenchRow[]> {
  return [await againstCopy(million, 20), await againstCopy(16 * million, 2), ...(await againstPeers())];
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) console.table(await rows());

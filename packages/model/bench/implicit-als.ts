/**
 * One federated round of `implicit-als` at the size of MovieLens-1M: 6,040 local solves at d = 64 on one core, each contribution
 * added to the sum, and the coordinator's direction; against the same round in NumPy with a threaded LAPACK (implicit-als.py).
 * The data is the real data set where it is at hand, else a generated one with as many users, items and interactions.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import {
  accumulateContribution,
  createImplicitAls,
  historyOf,
  type ImplicitAlsSpecification,
  type Interactions,
  seededRandom,
} from '@tributary/model';
import { loadNcfSplit, syntheticCatalogue } from '@tributary/model/data';
import type { BenchRow } from '../../../bench/bench-row.ts';

const name = 'implicit-als: one round of 6,040 local solves, d = 64, one core, against NumPy with threaded LAPACK';
const target = '<= 2x NumPy';
const turns = 5;

async function interactions(): Promise<{ readonly train: Interactions; readonly data: string }> {
  const root = process.env.TRIBUTARY_DATA ?? fileURLToPath(new URL('../../../../shared/data', import.meta.url));
  const folder = join(root, 'movielens-1m');
  if (existsSync(folder)) return { train: (await loadNcfSplit(folder)).train, data: 'MovieLens-1M' };
  const { interactions: train } = syntheticCatalogue({ users: 6040, items: 3706, interactionsPerUser: 165, seed: 1 });
  return { train, data: 'a generated catalogue' };
}

function specificationFor(train: Interactions): ImplicitAlsSpecification {
  return {
    kind: 'implicit-als',
    itemCount: train.itemCount,
    dimension: 64,
    unobservedWeight: 0.15,
    regularisation: 0.004,
    initialScale: 0.1,
    recency: null,
    recencyInTraining: false,
    itemCap: null,
    groupScales: { rows: 1, counts: 0.1, outer: 0.5 },
  };
}

/** The next vectors. */
function ourRound(specification: ImplicitAlsSpecification, train: Interactions, vectors: Float32Array): Float32Array {
  const recommender = createImplicitAls(specification);
  const bound = recommender.bind(vectors);
  const sum = new Float32Array(recommender.contributionLayout.size);
  const random = seededRandom(1);
  for (let user = 0; user < train.userCount; user++) {
    const { contribution } = bound.train({ items: historyOf(train, user) }, random);
    accumulateContribution(contribution, 1, sum);
  }
  const direction = recommender.direction(vectors, { sum, denominator: train.userCount });
  return vectors.map((value, i) => value + 0.5 * direction[i]);
}

interface Peer {
  readonly version: string;
  ask(command: string): Promise<string>;
  close(): void;
}

async function startPeer(problem: string): Promise<Peer | null> {
  const { OPENBLAS_CORETYPE: _, ...env } = process.env;
  const script = fileURLToPath(new URL('./implicit-als.py', import.meta.url));
  const child: ChildProcessWithoutNullStreams = spawn('python3', [script, problem], { env });
  child.on('error', () => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ready = await lines.next();
  if (ready.done) return null;
  return {
    version: String(ready.value).split(' ')[1],
    async ask(command) {
      child.stdin.write(`${command}\n`);
      const { done, value } = await lines.next();
      if (done) throw new Error(`The NumPy peer ended before it answered "${command}".`);
      return value;
    },
    close: () => child.stdin.end(),
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

export async function rows(): Promise<BenchRow[]> {
  const { train, data } = await interactions();
  const specification = specificationFor(train);
  // Vectors as they are after some rounds, so that no number is small.
  let vectors = createImplicitAls(specification).initialise(1);
  for (let round = 0; round < 3; round++) vectors = ourRound(specification, train, vectors);

  const folder = await mkdtemp(join(tmpdir(), 'implicit-als-'));
  try {
    await writeFile(join(folder, 'vectors'), vectors);
    const lists = Array.from({ length: train.userCount }, (_, user) => historyOf(train, user));
    const flat = Uint32Array.from(lists.flatMap((list) => [list.length, ...list]));
    await writeFile(join(folder, 'histories'), flat);
    const { dimension, itemCount: items, unobservedWeight, regularisation } = specification;
    const files = { vectors: join(folder, 'vectors'), histories: join(folder, 'histories') };
    await writeFile(
      join(folder, 'problem.json'),
      JSON.stringify({ dimension, items, unobservedWeight, regularisation, ...files }),
    );

    const peer = await startPeer(join(folder, 'problem.json'));
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let turn = 0; turn < turns; turn++) {
      const started = performance.now();
      ourRound(specification, train, vectors);
      ours.push((performance.now() - started) / 1000);
      if (peer) theirs.push(Number(await peer.ask('round')));
    }
    const seconds = `ours ${median(ours).toFixed(3)} s on ${data}`;
    if (!peer) {
      return [{ name, ratio: null, target, ok: null, detail: `${seconds}; python3 with numpy is missing` }];
    }
    await peer.ask(`step ${join(folder, 'moved')}`);
    peer.close();
    const moved = await readFile(join(folder, 'moved'));
    const deviation = largestDeviation(
      ourRound(specification, train, vectors),
      new Float32Array(moved.buffer, moved.byteOffset, moved.length / 4),
    );
    const ratio = median(ours) / median(theirs);
    return [
      {
        name,
        ratio,
        target,
        ok: ratio <= 2 && deviation < 1e-3,
        detail: `${seconds}, NumPy ${peer.version} ${median(theirs).toFixed(3)} s; next vectors differ by ${deviation.toExponential(1)} of the largest number`,
      },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function largestDeviation(actual: Float32Array, expected: Float32Array): number {
  let largest = 0;
  let deviation = 0;
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(expected[i]));
    deviation = Math.max(deviation, Math.abs(actual[i] - expected[i]));
  }
  return deviation / largest;
}

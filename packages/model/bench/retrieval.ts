/**
 * The ten best of 100,000 items by vectors of 64 numbers, 200 of them excluded, beside what memory alone allows: the table's bytes over
 * the bandwidth of a copy, which reads and writes each byte (the convention of STREAM; McCalpin 1995), so half of a copy's time.
 */
import { pathToFileURL } from 'node:url';
import {
  type BoundRecommender,
  candidatesFor,
  createCosineIndex,
  createRecommender,
  diversify,
  type RecommenderSpecification,
  seededRandom,
  topK,
} from '@tributary/model';
import type { BenchRow } from '../../../bench/bench-row.ts';
import { medianSeconds } from '../../../bench/median-seconds.ts';

const itemCount = 100_000;
const dimension = 64;
const count = 10;
const turns = 101;
const most = 2;

const local = {
  epochs: 1,
  reconstructionEpochs: 1,
  batchSize: 64,
  learningRate: 0.1,
  privateLearningRate: 0.1,
  negativesPerPositive: 4,
  regularisation: 0,
};
const kinds: readonly RecommenderSpecification[] = [
  {
    kind: 'implicit-als',
    itemCount,
    dimension,
    unobservedWeight: 0.1,
    regularisation: 0.004,
    initialScale: 1,
    recency: null,
    recencyInTraining: false,
    itemCap: null,
    groupScales: { rows: 1, counts: 0.1, outer: 0.5 },
  },
  { kind: 'matrix-factorisation', itemCount, dimension, initialScale: 1, local, backend: 'fused' },
];

const milliseconds = (seconds: number) => `${(1000 * seconds).toFixed(2)} ms`;

async function measure(specification: RecommenderSpecification): Promise<BenchRow> {
  const recommender = createRecommender(specification);
  const bound = recommender.bind(recommender.initialise(1));
  const history = { items: Uint32Array.from({ length: 200 }, (_, i) => 499 * i) };
  const state = bound.fitPrivateState(history, seededRandom(1));
  const left = new Uint8Array(itemCount);
  for (const item of history.items) left[item] = 1;
  const scores = new Float32Array(itemCount);
  const { values } = bound.itemVectors();
  const copy = new Float32Array(values.length);

  const [copying, ranking, selecting] = await medianSeconds(
    [
      { name: 'copy', run: () => copy.set(values) },
      { name: 'top-10', run: () => topK(bound.score(state, scores), count, { left }) },
      { name: 'selection alone', run: () => topK(scores, count, { left }) },
    ],
    turns,
  );
  const expected = bySorting(bound.score(state), left);
  const isRight = topK(bound.score(state), count, { left }).items.every((item, place) => item === expected[place]);
  const floor = copying / 2;
  const ratio = ranking / floor;
  const others = await measureOthers(bound, scores, left);
  return {
    name: `top-${count} of ${itemCount} x ${dimension}, ${specification.kind}, over the memory floor`,
    ratio,
    target: `<= ${most}x`,
    ok: ratio <= most && isRight,
    detail:
      `${milliseconds(ranking)}, of it ${milliseconds(selecting)} selection; the table's ${(values.byteLength / 1e6).toFixed(1)} MB are copied in ` +
      `${milliseconds(copying)}; ${isRight ? 'the same ten as by sorting' : 'NOT THE TEN BEST'}; ${others}`,
  };
}

/** After the model itself, since each brings another table into the kernels' memory. */
async function measureOthers(bound: BoundRecommender, scores: Float32Array, left: Uint8Array): Promise<string> {
  const index = createCosineIndex(bound.itemVectors());
  const cosines = new Float32Array(itemCount);
  const [similar, diverse] = await medianSeconds(
    [
      { name: 'similar', run: () => topK(index.cosines(index.vectorOf(7), cosines), count, { left }) },
      {
        name: 'diverse',
        run: () => diversify(topK(scores, candidatesFor(count, 0.3), { left }), index, { count, diversity: 0.3 }),
      },
    ],
    turns,
  );
  return `similar items ${milliseconds(similar)}, selection with diversity ${milliseconds(diverse)}`;
}

function bySorting(scores: Float32Array, left: Uint8Array): readonly number[] {
  const items = Array.from(scores.keys()).filter((item) => left[item] === 0);
  return items.sort((a, b) => scores[b] - scores[a] || a - b).slice(0, count);
}

/** Below 1: the table was still in the processor's cache. */
export async function rows(): Promise<BenchRow[]> {
  const measured: BenchRow[] = [];
  for (const kind of kinds) measured.push(await measure(kind));
  return measured;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const { name, ratio, target, ok, detail } of await rows()) {
    console.log(`${ok ? 'ok  ' : 'FAIL'} ${name}: ${ratio?.toFixed(2)}x (target ${target}). ${detail}`);
  }
}

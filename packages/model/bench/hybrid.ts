/**
 * The local step of hybrids, plan `cheap`, beside that of the same scorer by interactions alone: one device's whole training (drawing
 * negatives, reconstruction, the epoch, the contribution), texts encoded before. Run alone by
 * `tsx --conditions=source packages/model/bench/hybrid.ts`.
 */
import { pathToFileURL } from 'node:url';
import type { BenchRow } from '../../../bench/bench-row.ts';
import { medianSeconds } from '../../../bench/median-seconds.ts';
import {
  createRecommender,
  type HybridScorer,
  type Recommender,
  type RecommenderSpecification,
  seededRandom,
} from '../src/index.ts';

/** The mean MovieLens 1M user: 165 interactions of 3,706 items, four negatives each. */
const interactions = 165;
const itemCount = 3706;
const dimension = 32;
/** Principal components that a phone is sent of each text. */
const textWidth = 64;
/** Most that texts and attributes may add to a step. */
const target = 2;

const local = {
  epochs: 1,
  reconstructionEpochs: 4,
  batchSize: 32,
  learningRate: 0.1,
  privateLearningRate: 1,
  negativesPerPositive: 4,
  regularisation: 0,
};
const common = { itemCount, dimension, initialScale: 0.1, local };
const random = seededRandom(1);
const values = Float32Array.from({ length: itemCount * textWidth }, () => random.gaussian() / 8);
const genres = Array.from({ length: 18 }, (_, genre) => `genre ${genre}`);
const items = Array.from({ length: itemCount }, (_, item) => ({
  title: `Film ${item} (${1930 + (item % 70)})`,
  attributes: genres.filter(() => random.next() < 0.1),
}));
const history = {
  items: Uint32Array.from({ length: interactions }, (_, at) => (at * 7919) % itemCount),
};

const hybrid = (scorer: HybridScorer): Recommender =>
  createRecommender(
    {
      kind: 'hybrid',
      plan: 'cheap',
      ...common,
      features: { text: true, attributes: true },
      textWidth,
      scorer,
      fusionRate: 1,
      adapter: null,
      groupScales: { rows: 1, fusion: 1, adapter: 1 },
      groupClip: null,
    },
    { items, encodings: { width: textWidth, values, source: 'benchmark' } },
  );
const plain = (specification: RecommenderSpecification) => createRecommender(specification);
const backend = 'fused';
const mlp = { mlpDimension: 32, hiddenLayers: [32, 16, 8] } as const;

async function compare(name: string, texts: Recommender, alone: Recommender): Promise<BenchRow> {
  const [a, b] = [texts, alone].map((recommender) => recommender.bind(recommender.initialise(1)));
  let seed = 0;
  // Fused vectors are made once a version, as a Gramian is; a device scores with them anyway.
  a.score(a.fitPrivateState(history, seededRandom(0)));
  const [hybridSeconds, plainSeconds] = await medianSeconds(
    [
      { name: 'hybrid', run: () => a.train(history, seededRandom(seed++)) },
      { name: 'plain', run: () => b.train(history, seededRandom(seed++)) },
    ],
    101,
  );
  const ratio = hybridSeconds / plainSeconds;
  return {
    name,
    ratio,
    target: `<= ${target}x`,
    ok: ratio <= target,
    detail:
      `${(1000 * hybridSeconds).toFixed(2)} ms against ${(1000 * plainSeconds).toFixed(2)} ms, ${interactions} interactions, ` +
      `texts of ${textWidth} components, 18 genres, w = ${dimension}`,
  };
}

/** Ratios of the hybrid's time to the plain one's: what texts cost a device. */
export async function rows(): Promise<BenchRow[]> {
  return [
    await compare(
      'local training of a hybrid, cheap, dot, over matrix factorisation',
      hybrid({ kind: 'dot' }),
      plain({ kind: 'matrix-factorisation', ...common, backend }),
    ),
    await compare(
      'local training of a hybrid, cheap, GMF and MLP, over NeuMF',
      hybrid({ kind: 'gmf-mlp', mlpDimension: 32, hiddenLayers: [32, 16, 8] }),
      plain({ kind: 'neumf', ...common, ...mlp, backend }),
    ),
  ];
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const { name, ratio, target: at, ok, detail } of await rows()) {
    console.log(`${ok ? 'ok  ' : 'FAIL'} ${name}: ${ratio?.toFixed(2)}x (target ${at}). ${detail}`);
  }
}

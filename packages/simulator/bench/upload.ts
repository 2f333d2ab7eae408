/** What encoding and decoding an upload of 4 MB cost beside the local training that they carry. */
import { encodeUpdate, trainForRound } from '@tributary/client/training';
import { createRecommender, historyOf, seededRandom } from '@tributary/model';
import { syntheticCatalogue } from '@tributary/model/data';
import { sha256 } from '@tributary/privacy';
import {
  checkTaskDocument,
  createUploadReceiver,
  decode,
  decodePayload,
  encode,
  recommenderSpecificationOf,
  uploadChunks,
} from '@tributary/protocol';
import type { BenchRow } from '../../../bench/bench-row.ts';
import { medianSeconds } from '../../../bench/median-seconds.ts';

const target = '< 0.05 of the local training time of a round';
/** Where training is cheaper than moving 4 MB a few times through memory, no codec could meet it. */
const noTarget = 'none: this training costs no more than a few copies of the upload';

/** Settings of docs/plans/movielens-1m-neumf.yaml. */
export const local = {
  epochs: 1,
  reconstructionEpochs: 4,
  batchSize: 32,
  learningRate: 0.1,
  privateLearningRate: 1,
  negativesPerPositive: 4,
  regularisation: 0,
};

/** Each with the catalogue at which an upload has 4 MB. The cheaper the training, the more its upload weighs. */
const recommenders = [
  {
    model: { kind: 'neumf', dimension: 32, mlpDimension: 16, hiddenLayers: [16, 8] },
    training: { local },
    items: 21_800,
  },
  { model: { kind: 'matrix-factorisation', dimension: 64 }, training: { local }, items: 16_100 },
  { model: { kind: 'implicit-als', dimension: 64 }, training: {}, items: 16_100 },
];

/**
 * One device of 165 interactions (MovieLens-1M's mean): binds the downloaded model, ranks its own latest item, trains. Encoding
 * is from the update to chunk messages, decoding from those to checked float32; hashing and sealing are no codec and left out.
 */
export async function rows(): Promise<BenchRow[]> {
  const measured: BenchRow[] = [];
  for (const recommender of recommenders) measured.push(await measure(recommender));
  return measured;
}

async function measure({ model, training, items }: (typeof recommenders)[number]): Promise<BenchRow> {
  const check = checkTaskDocument({
    version: 1,
    task: 'upload',
    population: 'synthetic',
    model,
    training,
    rounds: 1,
    cohort: { target: 1, minimum: 1 },
    privacy: { plan: 'sealed', clipNorm: 1 },
    optimizer: { kind: 'fedavg', learningRate: 0.5 },
  });
  if (!check.ok) throw new Error(JSON.stringify(check.problems));
  const { task } = check;
  const { interactions } = syntheticCatalogue({ users: 4, items, interactionsPerUser: 165, seed: 1 });
  const recommender = createRecommender(recommenderSpecificationOf(task, items));
  const shared = recommender.initialise(1);
  const sections = { contribution: recommender.contributionLayout.size, evaluation: 6, weight: 1 } as const;
  const trainOnce = () =>
    trainForRound({
      bound: recommender.bind(shared),
      layoutSizes: { items, contribution: sections.contribution },
      history: { items: historyOf(interactions, 0) },
      plan: { clipNorm: 1, evaluationScale: 0.01, weighting: task.weighting, evaluation: task.evaluation },
      random: seededRandom(1),
    });
  const update = trainOnce();
  const payload = encodeUpdate(update, sections);
  const hash = sha256(payload);

  const encodeOnce = () => {
    const bytes = encodeUpdate(update, sections);
    return [...uploadChunks(bytes, 0)].map((chunk) => encode('uploadChunk', { round: 1, ...chunk }));
  };
  const messages = encodeOnce();
  // The coordinator receives upload after upload into the same memory.
  const memory = new Uint8Array(payload.length);
  const decodeOnce = () => {
    const receiver = createUploadReceiver({ bytes: payload.length, sha256: hash }, memory);
    for (const message of messages) {
      const { offset, bytes } = decode('uploadChunk', message);
      receiver.receive(offset, bytes);
    }
    return decodePayload(payload, sections).weight + receiver.received;
  };
  const [trainingSeconds, encoding, decoding] = await medianSeconds(
    [
      { name: 'train', run: trainOnce },
      { name: 'encode', run: encodeOnce },
      { name: 'decode', run: decodeOnce },
    ],
    15,
  );
  const ratio = (encoding + decoding) / trainingSeconds;
  const milliseconds = (seconds: number) => `${(seconds * 1000).toFixed(1)} ms`;
  const size = `${(payload.length / 1e6).toFixed(1)} MB`;
  return {
    name: `encode + decode of a 4 MB upload, ${model.kind}`,
    ratio,
    target: model.kind === 'neumf' ? target : noTarget,
    ok: model.kind === 'neumf' ? ratio < 0.05 : null,
    detail:
      `${size}: encode ${milliseconds(encoding)}, decode ${milliseconds(decoding)}; ` +
      `one device's round ${milliseconds(trainingSeconds)}`,
  };
}

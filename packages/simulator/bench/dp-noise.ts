/**
 * What exact discrete noise costs: on a device beside its local training, on a coordinator beside the unmasking, and in bytes.
 */
import { trainForRound } from '@tributary/client/training';
import { openCpuEngine, securePlanOf, unmask } from '@tributary/coordinator';
import { createRecommender, historyOf, seededRandom } from '@tributary/model';
import { syntheticCatalogue } from '@tributary/model/data';
import { addDiscreteGaussianNoise, packedLength, systemRandom } from '@tributary/privacy';
import { checkTaskDocument, payloadSections, recommenderSpecificationOf, type TaskDocument } from '@tributary/protocol';
import type { BenchRow } from '../../../bench/bench-row.ts';
import { medianSeconds } from '../../../bench/median-seconds.ts';
import { secureMessageBytes } from '../src/engine/secure-round-bytes.ts';
import { local } from './upload.ts';

const parameters = 1_000_000;
const cohort = 1_000;
const people = 1_000_000;
const milliseconds = (seconds: number) => `${(seconds * 1e3).toFixed(1)} ms`;

/** At which NeuMF has a million parameters. */
const items = 21_800;

function taskWith(noise: object | null): TaskDocument {
  const check = checkTaskDocument({
    version: 1,
    task: 'noise',
    population: 'synthetic',
    model: { kind: 'neumf', dimension: 32, mlpDimension: 16, hiddenLayers: [16, 8] },
    training: { local },
    rounds: 5,
    cohort: { target: cohort, minimum: 950, overSelection: 1 },
    privacy: { plan: 'secure', clipNorm: 1, noise },
    optimizer: { kind: 'fedavg', learningRate: 0.5 },
  });
  if (!check.ok) throw new Error(JSON.stringify(check.problems));
  return check.task;
}

export async function rows(): Promise<BenchRow[]> {
  const noise = { placement: 'distributed', noiseMultiplier: 1.46, delta: 1e-6, budget: 8 };
  const [plain, noisy] = [taskWith(null), taskWith(noise)];
  const recommender = createRecommender(recommenderSpecificationOf(noisy, items));
  const sections = payloadSections(recommender.contributionLayout.size, noisy.evaluation.federated);
  const [withoutNoise, withNoise] = [securePlanOf(plain, sections), securePlanOf(noisy, sections)];
  if (!withNoise.noise) throw new Error('The plan has no noise.');
  return [
    await onDevice(recommender, noisy, withNoise.noise.variance),
    await onCoordinator(cohort * withNoise.noise.variance, withNoise.bits),
    inBytes(sections.contribution, withoutNoise, withNoise),
  ];
}

async function onDevice(
  recommender: ReturnType<typeof createRecommender>,
  task: TaskDocument,
  variance: number,
): Promise<BenchRow> {
  const { interactions } = syntheticCatalogue({ users: 4, items, interactionsPerUser: 165, seed: 1 });
  const bound = recommender.bind(recommender.initialise(1));
  const layoutSizes = { items, contribution: recommender.contributionLayout.size };
  const plan = { clipNorm: 1, evaluationScale: 0.01, weighting: task.weighting, evaluation: task.evaluation };
  const train = () =>
    trainForRound({
      bound,
      layoutSizes,
      history: { items: historyOf(interactions, 0) },
      plan,
      random: seededRandom(1),
    });
  const integers = new Uint32Array(parameters);
  const draw = () => addDiscreteGaussianNoise(integers, variance, systemRandom);
  const [training, drawing] = await medianSeconds(
    [
      { name: 'train', run: train },
      { name: 'noise', run: draw },
    ],
    15,
  );
  const ratio = drawing / training;
  const deviation = Math.sqrt(variance).toFixed(1);
  return {
    name: 'a share of discrete Gaussian noise, 1M coordinates, over the local training of a device (NeuMF)',
    ratio,
    target: '< 2x',
    ok: ratio < 2,
    detail: `${milliseconds(drawing)} (standard deviation ${deviation} steps) against ${milliseconds(training)}, 165 interactions`,
  };
}

/** A sample of masks, at the count of a round that lost nobody: each device's own mask alone. */
async function onCoordinator(variance: number, bits: number): Promise<BenchRow> {
  const sampled = 20;
  const integers = new Uint32Array(parameters);
  const sum = openCpuEngine({ threads: 0 }).createModularSum([{ length: parameters, bits }]);
  const seeds = Array.from({ length: sampled }, () => systemRandom.bytes(32));
  const draw = () => addDiscreteGaussianNoise(integers, variance, systemRandom);
  const [drawing, unmasking] = await medianSeconds(
    [
      { name: 'noise', run: draw },
      {
        name: 'unmask',
        async run() {
          sum.reset();
          await unmask(
            sum,
            seeds.map((seed) => ({ seed: seed.slice(), sign: -1 })),
          );
        },
      },
    ],
    7,
  );
  const whole = (unmasking * cohort) / sampled;
  const ratio = drawing / whole;
  return {
    name: 'discrete Gaussian noise of the coordinator, 1M coordinates, over unmasking 1,000 devices of whom none is lost',
    ratio,
    target: '< 0.1x',
    ok: ratio < 0.1,
    detail: `${milliseconds(drawing)} (standard deviation ${Math.sqrt(variance).toFixed(0)} steps) against ${milliseconds(whole)}, one thread, at the time of ${sampled} masks`,
  };
}

/** At one width the noise makes the grid coarser; here it keeps its grid, by as many bits more as that takes. */
function inBytes(
  length: number,
  without: ReturnType<typeof securePlanOf>,
  noisy: ReturnType<typeof securePlanOf>,
): BenchRow {
  const bits = noisy.bits + Math.ceil(Math.log2(without.scale / noisy.scale));
  const sent = (secure: typeof noisy, width: number) =>
    packedLength(length, width) + secureMessageBytes(secure, cohort, people).up;
  const [before, after] = [sent(without, without.bits), sent(noisy, bits)];
  return {
    name: 'bytes that a device sends in a secure round with noise over those without, on one grid, 1,000 devices',
    ratio: after / before,
    target: '< 1.1x',
    ok: after < 1.1 * before,
    detail: `${bits} bits a coordinate against ${without.bits}; at the same width the grid is ${(without.scale / noisy.scale).toFixed(2)} times as coarse, and no byte is added`,
  };
}

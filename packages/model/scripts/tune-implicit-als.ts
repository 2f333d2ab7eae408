/**
 * Chooses hyper-parameters of `implicit-als`: federated rounds of everybody in process, ranked on the validation item (with
 * --on test on the test item, for what has been chosen). Prints a table in Markdown, one row a setting, means over the seeds.
 *
 *   npx tsx --conditions=source packages/model/scripts/tune-implicit-als.ts --data ../shared/data/movielens-100k \
 *     --grid '{"dimension": [32, 64], "recency": [null, {"floor": 0.01, "timeConstant": 2, "exponent": 1.5}]}'
 *
 * --grid     lists of values by field; every combination is tried, the last field fastest. Beside the specification's fields
 *            `step` (the server's learning rate), `momentum` (FedAvgM) and `rounds`.
 * --rounds-too  a row after every round, not the last alone
 * --central  sweeps of the central twin in place of federated rounds
 * --seeds    how many seeds, from 1
 */
import { parseArgs } from 'node:util';
import {
  accumulateContribution,
  createImplicitAls,
  evaluateRanking,
  finishQuality,
  historyOf,
  type ImplicitAlsSpecification,
  type QualityReport,
  type Split,
  seededRandom,
  trainCentralImplicitAls,
} from '@tributary/model';
import { hasNcfSplit, loadDataset, loadNcfSplit, splitLeaveLastOneOut } from '@tributary/model/data';

type Purpose = Split['purpose'];

interface Setting extends Omit<ImplicitAlsSpecification, 'kind' | 'itemCount'> {
  readonly step: number;
  readonly momentum: number;
  readonly rounds: number;
}

const start: Setting = {
  dimension: 64,
  unobservedWeight: 0.15,
  regularisation: 0.004,
  initialScale: 0.1,
  recency: null,
  recencyInTraining: false,
  windowLength: null,
  itemCap: null,
  groupScales: { rows: 1, counts: 0.1, outer: 0.5 },
  step: 0.5,
  momentum: 0,
  rounds: 8,
};

function* settings(grid: Readonly<Record<string, readonly unknown[]>>): Generator<Setting> {
  const fields = Object.entries(grid);
  for (const [field] of fields) {
    if (!(field in start)) throw new TypeError(`No field ${field}; there are ${Object.keys(start).join(', ')}.`);
  }
  const total = fields.reduce((product, [, values]) => product * values.length, 1);
  for (let index = 0; index < total; index++) {
    const chosen: Record<string, unknown> = {};
    let rest = index;
    for (const [field, values] of [...fields].reverse()) {
      chosen[field] = values[rest % values.length];
      rest = Math.floor(rest / values.length);
    }
    yield { ...start, ...chosen };
  }
}

function specificationOf(setting: Setting, split: Split): ImplicitAlsSpecification {
  const { step: _step, momentum: _momentum, rounds: _rounds, ...fields } = setting;
  return { ...fields, kind: 'implicit-als', itemCount: split.train.itemCount };
}

/** The shared parameters after every round. */
function* federate(setting: Setting, split: Split, seed: number): Generator<Float32Array> {
  const recommender = createImplicitAls(specificationOf(setting, split));
  const { train } = split;
  let vectors = recommender.initialise(seed);
  const velocity = new Float32Array(vectors.length);
  for (let round = 1; round <= setting.rounds; round++) {
    const bound = recommender.bind(vectors);
    const sum = new Float32Array(recommender.contributionLayout.size);
    for (let user = 0; user < train.userCount; user++) {
      const random = seededRandom(seed, round * train.userCount + user);
      accumulateContribution(bound.train({ items: historyOf(train, user) }, random).contribution, 1, sum);
    }
    const direction = recommender.direction(vectors, { sum, denominator: train.userCount });
    vectors = vectors.map((value, i) => {
      velocity[i] = setting.momentum * velocity[i] + direction[i];
      return value + setting.step * velocity[i];
    });
    yield vectors;
  }
}

function rank(setting: Setting, split: Split, vectors: Float32Array, on: Purpose): QualityReport {
  const bound = createImplicitAls(specificationOf(setting, split)).bind(vectors);
  const out = new Float32Array(split.train.itemCount);
  const random = seededRandom(0);
  const scoresOf = (user: number) =>
    bound.score(bound.fitPrivateState({ items: historyOf(split.train, user) }, random), out);
  return finishQuality(evaluateRanking({ scoresOf, split, on }));
}

const figures = [
  ({ sampled }: QualityReport) => sampled['hr@10'],
  ({ sampled }: QualityReport) => sampled['ndcg@10'],
  ({ full }: QualityReport) => full['hr@10'],
  ({ full }: QualityReport) => full['ndcg@10'],
];

/** Mean over the seeds, and the spread from the least to the most where there are several. */
function cell(values: readonly number[]): string {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const spread = Math.max(...values) - Math.min(...values);
  return values.length === 1 ? mean.toFixed(4) : `${mean.toFixed(4)} (${spread.toFixed(4)})`;
}

/** What the rows of a table have in common is left out of them. */
function label(setting: Setting, fields: readonly string[]): string {
  const values = Object.fromEntries(Object.entries(setting).filter(([field]) => fields.includes(field)));
  return fields.map((field) => JSON.stringify(values[field])).join(' | ');
}

async function splitFor(folder: string, purpose: Purpose, seed: number): Promise<Split> {
  if (hasNcfSplit(folder)) return loadNcfSplit(folder, { purpose, seed });
  return splitLeaveLastOneOut(await loadDataset(folder), { purpose, seed });
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      grid: { type: 'string', default: '{}' },
      on: { type: 'string', default: 'validation' },
      seeds: { type: 'string', default: '1' },
      central: { type: 'string' },
      'rounds-too': { type: 'boolean', default: false },
    },
  });
  if (values.data === undefined) throw new TypeError('--data is missing: the folder of a data set');
  if (values.on !== 'validation' && values.on !== 'test') throw new TypeError('--on is validation or test');
  const on = values.on;
  const grid = JSON.parse(values.grid) as Record<string, readonly unknown[]>;
  const fields = Object.keys(grid);
  const seeds = Array.from({ length: Number(values.seeds) }, (_, i) => i + 1);
  const splits: Split[] = [];
  for (const seed of seeds) splits.push(await splitFor(values.data, on, seed));

  console.log(
    `| ${[...fields, 'round', 'sampled HR@10', 'NDCG@10', 'full HR@10', 'NDCG@10', 'seconds'].join(' | ')} |`,
  );
  console.log(`|${' --- |'.repeat(fields.length + 6)}`);
  let trained: { readonly key: string; readonly rounds: Float32Array[][] } = { key: '', rounds: [] };
  for (const setting of settings(grid)) {
    const started = performance.now();
    const report = (round: number | string, models: readonly Float32Array[]) => {
      const seconds = (performance.now() - started) / 1000;
      const qualities = models.map((vectors, i) => rank(setting, splits[i], vectors, on));
      const cells = figures.map((figure) => cell(qualities.map(figure)));
      console.log(`| ${[label(setting, fields), round, ...cells, seconds.toFixed(1)].join(' | ')} |`);
    };
    if (values.central !== undefined) {
      const sweeps = Number(values.central);
      const models = seeds.map((seed, i) =>
        trainCentralImplicitAls(specificationOf(setting, splits[i]), splits[i].train, { sweeps, seed }),
      );
      report(`central, ${sweeps} sweeps`, models);
      continue;
    }
    const key = trainingKey(setting);
    if (key !== trained.key) {
      trained = { key, rounds: seeds.map((seed, i) => [...federate(setting, splits[i], seed)]) };
    }
    for (let round = 1; round <= setting.rounds; round++) {
      if (values['rounds-too'] || round === setting.rounds) {
        report(
          round,
          trained.rounds.map((rounds) => rounds[round - 1]),
        );
      }
    }
  }
}

/** Settings with one key train alike: recency that serves recommending alone leaves training as it is. */
function trainingKey(setting: Setting): string {
  return JSON.stringify(setting.recencyInTraining ? setting : { ...setting, recency: null });
}

await main();

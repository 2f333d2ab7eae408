/** The researchers' engine: a whole task in process, with the training code of devices and the rounds of the coordinator. */
import { createAccumulator } from '@tributary/coordinator/aggregation';
import { NoisePlanError, withCalibratedNoise } from '@tributary/coordinator/release';
import type { QualityReport, RecommenderSpecification } from '@tributary/model';
import {
  deviceEncoderOf,
  payloadLength,
  payloadSections,
  recommenderSpecificationOf,
  type TaskDocument,
} from '@tributary/protocol';
import { buildRecommender, type KnownOfItems } from './build-recommender.ts';
import { type CheckedOptions, checkOptions } from './checked-options.ts';
import { deviceRoundBytes } from './device-round-bytes.ts';
import { type SimulateOptions, SimulationError, type SimulationProgress } from './options.ts';
import { rankEverybody } from './rank-everybody.ts';
import type { SimulationResult } from './result.ts';
import { runRounds } from './run-rounds.ts';
import { checkSecurePlan, secureSummary } from './secure-summary.ts';
import { sharedVector, shareSplit } from './shared-memory.ts';
import type { ScoredModel } from './worker-setting.ts';
import { startWorkerThreads, type WorkerThreads } from './worker-threads.ts';

export interface SimulateSeedsOptions extends Omit<SimulateOptions, 'seed'> {
  /** Distinct seeds, at least one. */
  readonly seeds: readonly number[];
}

/** One simulation after the other with each seed; `toRunResultJson` makes means and spread of them. */
export async function simulateSeeds({ seeds, ...options }: SimulateSeedsOptions): Promise<SimulationResult[]> {
  const results: SimulationResult[] = [];
  for (const seed of seeds) results.push(await simulate({ ...options, seed }));
  return results;
}

/**
 * Runs a task on a data set: every round selects, loses devices, trains, sums, charges, adds noise and steps as coordinator and
 * devices would, and everybody's held-out item is ranked along the way. Reproducible: the same options and seed give the same
 * bits, whatever the number of workers. Memory is O(workers x model) beside the data set.
 *
 * @throws SimulationError for options that make no sense; the signal's reason on an abort
 */
export async function simulate(options: SimulateOptions): Promise<SimulationResult> {
  const checked = checkOptions(options);
  const { dataset, onProgress = () => undefined, signal } = options;
  const task = calibrated(options.task);
  const started = performance.now();
  signal?.throwIfAborted();

  const split = shareSplit(options.split);
  const size = { users: split.train.userCount, items: split.train.itemCount };
  const specification: RecommenderSpecification = recommenderSpecificationOf(task, size.items);
  const { items } = dataset;
  const known = knownToDevices(specification, options);
  // Who reads texts: devices, or the coordinator for them.
  const recommender = await buildRecommender(specification, known.items ? { items } : { ...options, items });
  const sections = payloadSections(recommender.contributionLayout.size, task.evaluation.federated);
  checkSecurePlan(task, sections);
  const parameters = sharedVector(recommender.layout.size);
  // Two for each thread: it works on one while the other waits to be added.
  const places = Array.from({ length: 2 * checked.workers }, () => sharedVector(payloadLength(sections)));
  const threads = startWorkerThreads(
    checked.workers,
    {
      specification,
      known,
      plan: {
        clipNorm: task.privacy.clipNorm,
        evaluationScale: task.evaluation.scale,
        weighting: task.weighting,
        evaluation: task.evaluation,
      },
      sections,
      seed: checked.seed,
      evaluateOn: checked.evaluateOn,
      dishonest: options.dishonest ?? new Map(),
      split,
      parameters,
      places,
    },
    signal,
  );
  try {
    const rank = (model: ScoredModel, progress: (done: number, total: number) => SimulationProgress) =>
      rankEverybody(threads, model, size, (done, total) => onProgress(progress(done, total)));
    const baseline = (kind: 'random' | 'popularity', offset: number) =>
      rank({ kind }, (done, total) => ({ kind: 'baselines', done: offset + done, total: 2 * total }));
    const random = await baseline('random', 0);
    const popularity = await baseline('popularity', size.users);

    const run = await runRounds({
      task,
      checked,
      users: size.users,
      recommender,
      sections,
      parameters,
      places,
      threads,
      accumulator: createAccumulator(payloadLength(sections)),
      rank,
      onProgress,
      onRelease: options.onRelease,
    });
    const trained = parameters.slice();
    const central = await trainAndRankCentral(
      checked,
      threads,
      parameters,
      run.version + 1,
      size.users,
      rank,
      onProgress,
    );
    return {
      data: { name: dataset.name, ...size, interactions: dataset.interactions.items.length },
      task,
      seed: checked.seed,
      evaluatedOn: checked.evaluateOn,
      split: split.name,
      workers: checked.workers,
      rounds: run.rounds,
      stopped: run.stopped,
      parameters: trained,
      quality: { random, popularity, federated: run.quality, central },
      bytes: deviceRoundBytes(task, sections, recommender.layout.size, size.users),
      privacy: { ...run.privacy, ...secureSummary(task, sections, checked.cryptography, run.rounds) },
      ledger: run.ledger,
      seconds: (performance.now() - started) / 1000,
    };
  } finally {
    await threads.close();
  }
}

/** Devices of plans that train on vectors alone are sent nothing else. */
function knownToDevices(
  specification: RecommenderSpecification,
  { task, dataset: { items }, encodings, encoderFolder }: SimulateOptions,
): KnownOfItems {
  if (specification.kind !== 'hybrid' || specification.plan === 'public-items') return {};
  if (!encodings) return { items };
  const values = sharedVector(encodings.values.length);
  values.set(encodings.values);
  return { items, encodings: { ...encodings, values }, encoderFolder, encoderHash: deviceEncoderOf(task.model)?.hash };
}

/** @throws SimulationError where no noise keeps the rounds within the budget */
function calibrated(task: TaskDocument): TaskDocument {
  try {
    return withCalibratedNoise(task);
  } catch (error) {
    if (error instanceof NoisePlanError) throw new SimulationError(error.message, { cause: error });
    throw error;
  }
}

/** Ranks the central twin through the same memory as the federated versions, as one version more. */
async function trainAndRankCentral(
  { centralPasses: passes }: CheckedOptions,
  threads: WorkerThreads,
  parameters: Float32Array,
  version: number,
  users: number,
  rank: (model: ScoredModel, progress: (done: number, total: number) => SimulationProgress) => Promise<QualityReport>,
  onProgress: (progress: SimulationProgress) => void,
): Promise<QualityReport | null> {
  if (passes === 0) return null;
  onProgress({ kind: 'central', done: 0, total: users });
  parameters.set(await threads.central({ passes }));
  return rank({ kind: 'parameters', version }, (done, total) => ({ kind: 'central', done, total }));
}

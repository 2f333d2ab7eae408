/** Items that nobody has touched yet: what a plan makes of them, beside the same plan without texts and attributes. */
import {
  type ColdItemQuality,
  type Dataset,
  evaluateColdItems,
  historyOf,
  popularityScores,
  type RecommenderSpecification,
  randomScores,
  type Split,
  seededRandom,
  splitColdItems,
} from '@tributary/model';
import {
  byInteractionsAlone,
  deviceEncoderOf,
  recommenderSpecificationOf,
  type TaskDocument,
} from '@tributary/protocol';
import { buildRecommender } from '../engine/build-recommender.ts';
import { type SimulateOptions, SimulationError } from '../engine/options.ts';
import type { SimulationResult } from '../engine/result.ts';
import { simulate } from '../engine/simulate.ts';

export interface ColdItemsOptions extends Omit<SimulateOptions, 'split' | 'evaluateOn'> {
  /** Share of the items that lose every interaction, in (0, 1). */
  readonly share: number;
  /** Makes the split of what is left, the warm items: the same people and items, fewer interactions. */
  readonly splitOf: (warm: Dataset) => Promise<Split>;
}

export interface ColdItemsResult {
  readonly share: number;
  readonly items: number;
  readonly quality: Readonly<Record<'random' | 'popularityOracle' | 'federated', ColdItemQuality>> & {
    /** The same plan by interactions alone, as `implicit-als`, `matrix-factorisation` or `neumf`; null where the plan is no hybrid. */
    readonly cfOnly: ColdItemQuality | null;
  };
  /** Of the warm items. */
  readonly run: SimulationResult;
  readonly cfOnlyRun: SimulationResult | null;
}

/**
 * Draws the cold items by the seed, trains on the rest, and ranks the cold items for everybody who has items of both kinds.
 * @throws SimulationError, EvaluationError for options that make no sense
 */
export async function simulateColdItems({ share, splitOf, ...options }: ColdItemsOptions): Promise<ColdItemsResult> {
  const { task, dataset } = options;
  const seed = options.seed ?? task.seed;
  const cold = splitColdItems(dataset.interactions, share, seed);
  const warm: Dataset = { ...dataset, interactions: cold.train };
  const split = await splitOf(warm);
  if (split.train.userCount !== dataset.interactions.userCount) {
    throw new SimulationError('The split of the warm items has other people than the data set; expected the same.');
  }
  const run = await simulate({ ...options, dataset: warm, split });
  const withoutFeatures = collaborativeOnly(task);
  const cfOnlyRun = withoutFeatures
    ? await simulate({ ...options, task: withoutFeatures, dataset: warm, split })
    : null;
  const trained = { ...cold, train: split.train };
  const popularity = popularityScores(dataset.interactions);
  const { itemCount } = dataset.interactions;
  const of = async (result: SimulationResult) => {
    const specification: RecommenderSpecification = recommenderSpecificationOf(result.task, itemCount);
    const recommender = await buildRecommender(specification, {
      ...options,
      items: dataset.items,
      encoderHash: deviceEncoderOf(task.model)?.hash,
    });
    const bound = recommender.bind(result.parameters);
    const scores = new Float32Array(itemCount);
    return evaluateColdItems(trained, (user) =>
      bound.score(bound.fitPrivateState({ items: historyOf(split.train, user) }, seededRandom(seed, user)), scores),
    );
  };
  return {
    share,
    items: cold.cold.length,
    quality: {
      random: evaluateColdItems(trained, (user) => randomScores(itemCount, seed, user)),
      popularityOracle: evaluateColdItems(trained, () => popularity),
      federated: await of(run),
      cfOnly: cfOnlyRun ? await of(cfOnlyRun) : null,
    },
    run,
    cfOnlyRun,
  };
}

/** The plan by interactions alone; null where it is no hybrid. */
function collaborativeOnly(task: TaskDocument): TaskDocument | null {
  const model = byInteractionsAlone(task.model);
  return model && { ...task, model };
}

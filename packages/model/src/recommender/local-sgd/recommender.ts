/** The recommender interface for gradient-trained models: federated reconstruction on the device, mean delta at the server. */
import { checkLength } from '../../parameters/layout.ts';
import type { BoundRecommender, Recommender } from '../recommender.ts';
import { distinctItems, drawExamples, localPasses } from './examples.ts';
import { type LocalSgdModel, splitShared } from './model.ts';
import { fitPrivateVector } from './private-fit.ts';
import type { FrozenScorer } from './scorer.ts';
import { deltaOf, gatherParameters } from './sub-table.ts';

/**
 * A contribution is the delta of the shared parameters after local training; the round's direction is the mean delta. Since a
 * device touches few rows, a mean over many devices is small on every row: server optimizers that scale each coordinate
 * (FedAdagrad, FedAdam, FedYogi; Reddi et al. 2021) undo that, plain FedAvg wants a large server learning rate.
 */
export function createLocalSgdRecommender(model: LocalSgdModel): Recommender {
  const { name, itemCount, layout } = model;
  return {
    name,
    itemCount,
    layout,
    contributionLayout: layout,
    initialise: (seed) => model.initialise(seed),
    bind(shared) {
      checkLength(layout, shared);
      return bindLocalSgd(model, shared);
    },
    direction(shared, { sum, denominator }) {
      checkLength(layout, shared);
      const direction = new Float32Array(layout.size);
      for (let i = 0; i < direction.length; i++) direction[i] = sum[i] / denominator;
      return direction;
    },
  };
}

function bindLocalSgd(model: LocalSgdModel, shared: Float32Array): BoundRecommender {
  let frozen: FrozenScorer | null = null;
  const scorer = () => {
    if (!frozen) {
      const { tables, dense } = splitShared(model, shared);
      frozen = model.freeze(tables, dense);
    }
    return frozen;
  };
  return {
    fitPrivateState({ items }, random) {
      return { vector: fitPrivateVector(model, scorer(), distinctItems(items), random) };
    },
    train({ items }, random) {
      const { local } = model;
      const positives = distinctItems(items);
      const examples = drawExamples(positives, model.itemCount, local.negativesPerPositive, random);
      const privateVector = new Float32Array(model.privateSize);
      const parameters = gatherParameters(model, shared, examples.rows, privateVector);
      const loss = model.backend.run(parameters, localPasses(examples, local, random), local);
      return { contribution: deltaOf(model, shared, examples.rows, parameters), examples: positives.length, loss };
    },
    score({ vector }, out = new Float32Array(model.itemCount)) {
      scorer().score(vector, out);
      return out;
    },
    itemVectors() {
      const [values, second] = splitShared(model, shared).tables;
      const byDot = model.architecture.kind === 'matrix-factorisation';
      return { values, width: model.tableWidths[0], scoring: byDot ? 'dot' : 'other', biases: byDot ? second : null };
    },
  };
}

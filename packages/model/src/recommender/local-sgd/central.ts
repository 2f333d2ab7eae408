/**
 * The central twin: the same model and loss with all data, and all users' vectors, in one place. It shows what federation
 * costs. What it may do and a round may not: keep a user's vector from one epoch to the next, and step after a few users.
 */
import { historyOf, type Interactions } from '../../data/dataset.ts';
import { seededRandom, shuffle } from '../../random/seeded.ts';
import { accumulateContribution } from '../contribution.ts';
import { matrixFactorisationModel } from '../matrix-factorisation/matrix-factorisation.ts';
import { neuMfModel } from '../neumf/neumf.ts';
import type { MatrixFactorisationSpecification, NeuMfSpecification } from '../specification.ts';
import { createAdam } from './adam.ts';
import { drawExamples, shuffledPass } from './examples.ts';
import type { LocalSgdModel, LocalSgdOptions } from './model.ts';
import { deltaOf, gatherParameters } from './sub-table.ts';

export interface CentralSgdOptions extends LocalSgdOptions {
  /** Passes over all users, each with fresh negatives. */
  readonly epochs: number;
  /** Seed of the initial parameters (as `Recommender.initialise`), the order of users and the negatives. */
  readonly seed: number;
  /** Users between two steps of the shared parameters. */
  readonly usersPerStep?: number;
  /** Adam's, for the shared parameters. Users' vectors take SGD steps at the specification's privateLearningRate. */
  readonly learningRate?: number;
  /** After each epoch: its number from 1, the mean cross-entropy over users, and the shared parameters so far. */
  readonly onEpoch?: (epoch: number, loss: number, shared: Float32Array) => void;
}

/** @returns shared parameters, to be bound and scored like those of a federated run. */
export function trainCentralSgd(
  specification: MatrixFactorisationSpecification | NeuMfSpecification,
  train: Interactions,
  options: CentralSgdOptions,
): Float32Array {
  const model: LocalSgdModel =
    specification.kind === 'neumf'
      ? neuMfModel(specification, options)
      : matrixFactorisationModel(specification, options);
  const { epochs, seed, usersPerStep = 64, learningRate = 0.01, onEpoch } = options;
  const { local, privateSize } = model;
  const shared = model.initialise(seed);
  const step = createAdam(shared.length, { learningRate });
  const gradient = new Float32Array(shared.length);
  const random = seededRandom(seed, 1);
  const vectors = new Float32Array(train.userCount * privateSize);
  const users = Uint32Array.from({ length: train.userCount }, (_, user) => user);

  for (let epoch = 1; epoch <= epochs; epoch++) {
    shuffle(users, random);
    let loss = 0;
    for (let from = 0; from < users.length; from += usersPerStep) {
      const group = users.subarray(from, from + usersPerStep);
      gradient.fill(0);
      for (const user of group) {
        const examples = drawExamples(historyOf(train, user), model.itemCount, local.negativesPerPositive, random);
        if (examples.slots.length === 0) continue;
        const own = vectors.subarray(user * privateSize, (user + 1) * privateSize);
        const parameters = gatherParameters(model, shared, examples.rows, own);
        loss += model.backend.run(parameters, [shuffledPass(examples, 'all', random)], local);
        // Minibatch steps from the group's common start: their sum points down the group's gradient, in units of the local rate.
        accumulateContribution(deltaOf(model, shared, examples.rows, parameters), -1 / group.length, gradient);
      }
      step(shared, gradient);
    }
    onEpoch?.(epoch, loss / train.userCount, shared);
  }
  return shared;
}

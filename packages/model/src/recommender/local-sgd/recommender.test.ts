import { describe, expect, it } from 'vitest';
import { historyOf } from '../../data/dataset.ts';
import { seededRandom } from '../../random/seeded.ts';
import { createTfjsBackend } from '../../tfjs/backend.ts';
import { scatterContribution } from '../contribution.ts';
import { createMatrixFactorisation, matrixFactorisationModel } from '../matrix-factorisation/matrix-factorisation.ts';
import { createNeuMf, neuMfModel } from '../neumf/neumf.ts';
import type { Recommender } from '../recommender.ts';
import type { MatrixFactorisationSpecification, NeuMfSpecification } from '../specification.ts';
import { trainCentralSgd } from './central.ts';
import { drawExamples, localPasses } from './examples.ts';
import { BackendError, type LocalSgdModel, splitShared } from './model.ts';
import { federate, plantedWorld } from './planted.cases.ts';

const local = {
  epochs: 2,
  reconstructionEpochs: 3,
  batchSize: 8,
  learningRate: 0.5,
  privateLearningRate: 2,
  negativesPerPositive: 2,
  regularisation: 0.001,
};
const matrixFactorisation: MatrixFactorisationSpecification = {
  kind: 'matrix-factorisation',
  itemCount: 40,
  dimension: 4,
  initialScale: 0.5,
  local,
  backend: 'fused',
};
const neuMf: NeuMfSpecification = {
  ...matrixFactorisation,
  kind: 'neumf',
  mlpDimension: 4,
  hiddenLayers: [6, 3],
};
const world = plantedWorld(120, 3);

const federateAll = (recommender: Recommender, rounds: number) =>
  federate(recommender, rounds, world.train.userCount, (user) => ({ items: historyOf(world.train, user) }));

/** How often the held-out item scores above a random item of the other genre. */
function auc(recommender: Recommender, shared: Float32Array): number {
  const bound = recommender.bind(shared);
  let wins = 0;
  for (let user = 0; user < world.train.userCount; user++) {
    const random = seededRandom(9, user);
    const scores = bound.score(bound.fitPrivateState({ items: historyOf(world.train, user) }, random));
    const other = 2 * random.below(20) + 1 - world.genreOf(user);
    if (scores[world.heldOut[user]] > scores[other]) wins++;
  }
  return wins / world.train.userCount;
}

/** Local training on the whole tables in place of the compact ones: what the sub-table must equal. */
function trainOnWholeTables(
  model: LocalSgdModel,
  shared: Float32Array,
  items: Uint32Array,
  seed: number,
): Float32Array {
  const random = seededRandom(seed);
  const examples = drawExamples(items, model.itemCount, model.local.negativesPerPositive, random);
  const passes = localPasses(examples, model.local, random).map((pass) => ({
    ...pass,
    slots: pass.slots.map((slot) => examples.rows[slot]),
  }));
  const moved = shared.slice();
  const parameters = { ...splitShared(model, moved), privateVector: new Float32Array(model.privateSize) };
  model.backend.run(parameters, passes, model.local);
  return moved.map((value, i) => value - shared[i]);
}

describe.each([
  [
    'matrix-factorisation',
    () => createMatrixFactorisation(matrixFactorisation),
    () => matrixFactorisationModel(matrixFactorisation),
  ],
  ['neumf', () => createNeuMf(neuMf), () => neuMfModel(neuMf)],
] as const)('%s', (_, create, createModel) => {
  const recommender = create();
  const items = historyOf(world.train, 0);

  it('contributes the delta that training on the whole tables would give, from touched rows alone', () => {
    const shared = recommender.initialise(4);
    const before = shared.slice();
    const { contribution, examples, loss } = recommender.bind(shared).train({ items }, seededRandom(8));
    const expected = trainOnWholeTables(createModel(), shared, items, 8);
    expect(Array.from(scatterContribution(contribution))).toEqual(Array.from(expected));
    expect(examples).toBe(items.length);
    expect(loss).toBeGreaterThan(0);
    expect(shared).toEqual(before);
    const touched = contribution.parts.find((part) => part.kind === 'rows');
    expect(touched?.rows.length).toBeLessThan(40);
    expect(touched?.rows.length).toBeGreaterThan(items.length);
  });

  it('is deterministic in its arguments, and other negatives give another delta', () => {
    const bound = recommender.bind(recommender.initialise(4));
    const delta = (seed: number) => scatterContribution(bound.train({ items }, seededRandom(seed)).contribution);
    expect(delta(1)).toEqual(delta(1));
    expect(delta(1)).not.toEqual(delta(2));
  });

  it('has nothing of a person in its layout: the same whoever trains, and no vector as long as the private one', () => {
    const { privateSize } = createModel();
    const { vector } = recommender.bind(recommender.initialise(1)).fitPrivateState({ items }, seededRandom(1));
    expect(vector).toHaveLength(privateSize);
    for (const { name } of recommender.layout.tensors) expect(name).toMatch(/^(item-|hidden-|output)/);
    expect(recommender.contributionLayout.hash).toBe(recommender.layout.hash);
  });

  it('asks the shared parameters to move by the mean delta', () => {
    const shared = recommender.initialise(1);
    const bound = recommender.bind(shared);
    const deltas = [0, 1, 2].map((user) =>
      scatterContribution(bound.train({ items: historyOf(world.train, user) }, seededRandom(user)).contribution),
    );
    const sum = deltas[0].map((value, i) => value + deltas[1][i] + deltas[2][i]);
    const direction = recommender.direction(shared, { sum, denominator: 3 });
    direction.forEach((value, i) => {
      expect(value).toBeCloseTo((deltas[0][i] + deltas[1][i] + deltas[2][i]) / 3, 5);
    });
  });

  it('learns the tastes of a planted world in rounds, from chance to nearly certain', () => {
    expect(auc(recommender, recommender.initialise(1))).toBeLessThan(0.75);
    expect(auc(recommender, federateAll(recommender, 15))).toBeGreaterThan(0.95);
  });

  it('learns them with all data in one place too, its loss falling', () => {
    const losses: number[] = [];
    const specification = createModel().name === 'neumf' ? neuMf : matrixFactorisation;
    const shared = trainCentralSgd(specification, world.train, {
      epochs: 15,
      seed: 1,
      usersPerStep: 20,
      learningRate: 0.05,
      onEpoch: (_epoch, loss) => losses.push(loss),
    });
    expect(losses[14]).toBeLessThan(0.7 * losses[0]);
    expect(auc(recommender, shared)).toBeGreaterThan(0.95);
  });

  it('scores by item alone for a person without a history', () => {
    const bound = recommender.bind(recommender.initialise(1));
    const state = bound.fitPrivateState({ items: new Uint32Array() }, seededRandom(1));
    expect(Array.from(state.vector)).toEqual(Array.from(state.vector, () => 0));
    expect(bound.score(state)).toHaveLength(40);
  });

  it('trains where the history is the whole catalogue, and where items repeat', () => {
    const bound = recommender.bind(recommender.initialise(1));
    const whole = bound.train({ items: Uint32Array.from({ length: 40 }, (_, i) => i) }, seededRandom(1));
    expect(whole.examples).toBe(40);
    expect(scatterContribution(whole.contribution).every(Number.isFinite)).toBe(true);
    const once = bound.train({ items: Uint32Array.of(5, 6) }, seededRandom(1));
    const repeated = bound.train({ items: Uint32Array.of(5, 6, 5, 5) }, seededRandom(1));
    expect(scatterContribution(repeated.contribution)).toEqual(scatterContribution(once.contribution));
  });
});

describe('the local backend', () => {
  it('is refused with advice where tfjs is asked for and not passed in', () => {
    expect(() => createMatrixFactorisation({ ...matrixFactorisation, backend: 'tfjs' })).toThrow(BackendError);
    expect(() => createNeuMf({ ...neuMf, backend: 'tfjs' })).toThrow(/@tributary\/model\/tfjs/);
  });

  it('may be tfjs, with the same contribution to 1e-4', () => {
    const shared = createNeuMf(neuMf).initialise(2);
    const items = historyOf(world.train, 1);
    const deltas = [createNeuMf(neuMf), createNeuMf({ ...neuMf, backend: 'tfjs' }, { tfjs: createTfjsBackend })].map(
      (recommender) => scatterContribution(recommender.bind(shared).train({ items }, seededRandom(1)).contribution),
    );
    deltas[0].forEach((value, i) => {
      expect(Math.abs(value - deltas[1][i])).toBeLessThan(1e-4);
    });
  });
});

/** A real model of a world with a known structure, and a person in it: for tests of what a device makes of them. */
import {
  createRecommender,
  type ImplicitAlsSpecification,
  type Interactions,
  type ItemEncodings,
  type RecommenderSpecification,
  seededRandom,
  shuffle,
  trainCentralImplicitAls,
} from '@tributary/model';
import type { ModelVersion } from '@tributary/protocol';
import { parseCatalogue } from './catalogue.ts';
import type { FittedPerson } from './fitted-person.ts';
import type { PreparedModel } from './model-cache.ts';

export const itemCount = 20;
/** Even items are westerns, odd ones musicals; every fourth is new. */
export const genreOf = (index: number) => (index % 2 === 0 ? 'western' : 'musical');

const described = Array.from({ length: itemCount }, (_, index) => ({
  id: `film-${index}`,
  title: `Film ${index}`,
  attributes: [genreOf(index), ...(index % 4 === 0 ? ['new'] : [])],
  description: index === 7 ? 'A duel of two singers.' : '',
}));
export const catalogue = parseCatalogue(new TextEncoder().encode(JSON.stringify(described)), itemCount);

const als: ImplicitAlsSpecification = {
  kind: 'implicit-als',
  itemCount,
  dimension: 3,
  unobservedWeight: 0.1,
  regularisation: 0.02,
  initialScale: 0.5,
  recency: null,
  recencyInTraining: false,
  itemCap: null,
  groupScales: { rows: 1, counts: 0.1, outer: 0.5 },
};

/** 60 people, each with six films of one genre, drawn. */
const draws = seededRandom(5);
const people: Interactions = {
  userCount: 60,
  itemCount,
  offsets: Uint32Array.from({ length: 61 }, (_, user) => 6 * user),
  items: Uint32Array.from(
    Array.from({ length: 60 }, (_, user) =>
      Array.from(
        shuffle(
          Uint32Array.from({ length: 10 }, (_, i) => 2 * i + (user % 2)),
          draws,
        ).subarray(0, 6),
      ),
    ).flat(),
  ),
};

export const alsVectors = () => trainCentralImplicitAls(als, people, { sweeps: 6, seed: 1 });

export function prepared(
  specification: RecommenderSpecification,
  parameters: Float32Array,
  encodings?: ItemEncodings,
): PreparedModel {
  const recommender = createRecommender(specification);
  return {
    // What is made of a model does not look at how it came here.
    version: {} as ModelVersion,
    recommender,
    bound: recommender.bind(parameters),
    catalogue,
    ownText: undefined,
    encodings,
    parameterBytes: new Uint8Array(0),
    catalogueBytes: new Uint8Array(0),
  };
}

export const alsModel = (encodings?: ItemEncodings) => prepared(als, alsVectors(), encodings);

/** Matrix factorisation at its first parameters, with a bias for each item. */
export function factorisationModel(): PreparedModel {
  const specification: RecommenderSpecification = {
    kind: 'matrix-factorisation',
    itemCount,
    dimension: 4,
    initialScale: 0.5,
    local: {
      epochs: 2,
      reconstructionEpochs: 2,
      batchSize: 8,
      learningRate: 0.1,
      privateLearningRate: 0.3,
      negativesPerPositive: 2,
      regularisation: 0.001,
    },
    backend: 'fused',
  };
  const parameters = createRecommender(specification).initialise(1);
  for (let item = 0; item < itemCount; item++) parameters[4 * itemCount + item] = item / 100;
  return prepared(specification, parameters);
}

export function personWith(model: PreparedModel, items: readonly number[]): FittedPerson {
  const history = { items: Uint32Array.from(items) };
  return { model, history, state: model.bound.fitPrivateState(history, seededRandom(1)) };
}

/** The same local training, whatever runs it: bound from seeds, on the fused kernels. */
import {
  accumulateContribution,
  createRecommender,
  type RecommenderSpecification,
  seededRandom,
} from '@tributary/model';

const itemCount = 300;
const local = {
  epochs: 2,
  reconstructionEpochs: 2,
  batchSize: 16,
  learningRate: 0.1,
  privateLearningRate: 0.5,
  negativesPerPositive: 4,
  regularisation: 0.001,
};

export const specifications: Readonly<Record<string, RecommenderSpecification>> = {
  'implicit-als': {
    kind: 'implicit-als',
    itemCount,
    dimension: 16,
    unobservedWeight: 0.1,
    regularisation: 0.01,
    initialScale: 0.1,
    recency: null,
    recencyInTraining: false,
    itemCap: null,
    groupScales: { rows: 1, counts: 0.1, outer: 0.5 },
  },
  'matrix-factorisation': {
    kind: 'matrix-factorisation',
    itemCount,
    dimension: 16,
    initialScale: 0.1,
    backend: 'fused',
    local,
  },
  neumf: {
    kind: 'neumf',
    itemCount,
    dimension: 8,
    mlpDimension: 8,
    hiddenLayers: [16, 8],
    initialScale: 0.1,
    backend: 'fused',
    local,
  },
};

/** One device's contribution and its scores, as plain numbers. */
export function trainOnce(name: string): { readonly contribution: number[]; readonly scores: number[] } {
  const specification = specifications[name];
  if (!specification) throw new Error(`No specification ${name}.`);
  const recommender = createRecommender(specification, {});
  const bound = recommender.bind(recommender.initialise(7));
  const items = Uint32Array.from({ length: 40 }, (_, at) => (at * 37 + 5) % itemCount);
  const sum = new Float32Array(recommender.contributionLayout.size);
  accumulateContribution(bound.train({ items }, seededRandom(3)).contribution, 1, sum);
  return {
    contribution: Array.from(sum),
    scores: Array.from(bound.score(bound.fitPrivateState({ items }, seededRandom(4)))),
  };
}

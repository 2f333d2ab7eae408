import { createRecommender } from './create-recommender.ts';
import { createImplicitAls } from './implicit-als/implicit-als.ts';
import { plainKernels } from './implicit-als/index.ts';
import { describeRecommender } from './recommender-contract.cases.ts';
import type {
  HybridSpecification,
  ImplicitAlsSpecification,
  MatrixFactorisationSpecification,
  NeuMfSpecification,
} from './specification.ts';

const implicitAls: ImplicitAlsSpecification = {
  kind: 'implicit-als',
  itemCount: 14,
  dimension: 5,
  unobservedWeight: 0.1,
  regularisation: 0.01,
  initialScale: 0.3,
  recency: { floor: 0.01, timeConstant: 2, exponent: 1.5 },
  recencyInTraining: false,
  itemCap: null,
  groupScales: { rows: 1, counts: 0.1, outer: 0.5 },
};
const hybrid: HybridSpecification = {
  ...implicitAls,
  kind: 'hybrid',
  plan: 'public-items',
  features: { text: true, attributes: true },
  textComponents: 2,
};
const known = {
  items: Array.from({ length: 14 }, (_, i) => ({
    title: `Film (19${80 + i})`,
    attributes: [i % 3 ? 'Drama' : 'Comedy'],
  })),
  encodings: { width: 3, values: Float32Array.from({ length: 42 }, (_, at) => Math.sin(at)), source: 'a test' },
};
const matrixFactorisation: MatrixFactorisationSpecification = {
  kind: 'matrix-factorisation',
  itemCount: 14,
  dimension: 5,
  initialScale: 0.3,
  local: {
    epochs: 2,
    reconstructionEpochs: 2,
    batchSize: 4,
    learningRate: 0.1,
    privateLearningRate: 0.1,
    negativesPerPositive: 2,
    regularisation: 0.001,
  },
  backend: 'fused',
};
const neuMf: NeuMfSpecification = { ...matrixFactorisation, kind: 'neumf', mlpDimension: 3, hiddenLayers: [6, 4] };

describeRecommender('implicit-als', () => createRecommender(implicitAls));
describeRecommender('implicit-als in windows, capped, recency in training', () =>
  createRecommender({ ...implicitAls, windowLength: 3, itemCap: 5, recencyInTraining: true }),
);
describeRecommender('implicit-als with plain kernels', () => createImplicitAls(implicitAls, { kernels: plainKernels }));
describeRecommender('hybrid', () => createRecommender(hybrid, known));
describeRecommender('matrix-factorisation', () => createRecommender(matrixFactorisation));
describeRecommender('neumf', () => createRecommender(neuMf));

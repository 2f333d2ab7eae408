/** One device's local epoch, the same wherever it runs. */
import { createRecommender, seededRandom } from '@tributary/model';

const itemCount = 10_000;
const interactions = 200;

/** Median milliseconds of a local round of one epoch: matrix factorisation, d = 64, 200 interactions of 10,000 items. */
export function epochMilliseconds(turns: number): number {
  const recommender = createRecommender({
    kind: 'matrix-factorisation',
    itemCount,
    dimension: 64,
    initialScale: 0.1,
    backend: 'fused',
    local: {
      epochs: 1,
      reconstructionEpochs: 1,
      batchSize: 32,
      learningRate: 0.1,
      privateLearningRate: 1,
      negativesPerPositive: 4,
      regularisation: 0,
    },
  });
  const bound = recommender.bind(recommender.initialise(1));
  const items = Uint32Array.from({ length: interactions }, (_, at) => (at * 37 + 5) % itemCount);
  return medianMilliseconds(turns, () => bound.train({ items }, seededRandom(2)));
}

export function medianMilliseconds(turns: number, run: () => unknown): number {
  for (let warm = 0; warm < 5; warm++) run();
  const times = Array.from({ length: turns }, () => {
    const began = performance.now();
    run();
    return performance.now() - began;
  });
  return times.sort((a, b) => a - b)[Math.floor(turns / 2)] ?? 0;
}

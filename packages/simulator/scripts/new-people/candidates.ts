/** Orders of all items for a person of whom nothing is known. */
import {
  type BoundRecommender,
  createRecommender,
  estimatePopularity,
  type Interactions,
  popularityScores,
  type RecommenderSpecification,
  seededRandom,
} from '@tributary/model';

export function candidateScores(
  specification: RecommenderSpecification,
  parameters: Float32Array,
  known: Interactions,
): readonly (readonly [string, Float32Array])[] {
  const { itemCount } = known;
  const bound = createRecommender(specification).bind(parameters);
  const { values, width, biases } = bound.itemVectors();
  const rowOf = (item: number) => values.subarray(item * width, (item + 1) * width);
  const lengths = Float32Array.from({ length: itemCount }, (_, item) => Math.hypot(...rowOf(item)));
  const common = (power: number) => {
    const vector = new Float64Array(width);
    for (let item = 0; item < itemCount; item++) {
      for (let k = 0; k < width; k++) vector[k] += lengths[item] ** power * rowOf(item)[k];
    }
    return Float32Array.from({ length: itemCount }, (_, item) =>
      rowOf(item).reduce((sum, value, k) => sum + value * vector[k], 0),
    );
  };
  const alone = bound.score(bound.fitPrivateState({ items: new Uint32Array(0) }, seededRandom(1)));
  return [
    ['popularity, which no device knows', popularityScores(known)],
    ...(specification.kind === 'implicit-als'
      ? [['fitted to all items', fittedToAll(specification, parameters)] as const]
      : []),
    ...(biases === null ? [] : [['biases', alone] as const]),
    ['lengths of vectors', lengths],
    ...[0, 1, 2, 4, 6].map((power) => [`sum of |v|^${power} v`, common(power)] as const),
    ['estimatePopularity', estimatePopularity(bound)],
  ];
}

/** Of a person to whom all items are alike: without what a model makes of their order. */
function fittedToAll(specification: RecommenderSpecification & { kind: 'implicit-als' }, parameters: Float32Array) {
  const bound = createRecommender({ ...specification, recency: null }).bind(parameters);
  const items = Uint32Array.from({ length: specification.itemCount }, (_, item) => item);
  return scoresOf(bound, items);
}

export function fittedTo(specification: RecommenderSpecification, parameters: Float32Array) {
  const bound = createRecommender(specification).bind(parameters);
  return (items: Uint32Array) => scoresOf(bound, items);
}

function scoresOf(bound: BoundRecommender, items: Uint32Array): Float32Array {
  return bound.score(bound.fitPrivateState({ items }, seededRandom(1)));
}

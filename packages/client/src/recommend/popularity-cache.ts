/** What a model takes to be liked by everybody, worked out when first asked for and kept as long as the model. */
import { type BoundRecommender, estimatePopularity } from '@tributary/model';

const known = new WeakMap<BoundRecommender, Float32Array>();

export function popularityOf(bound: BoundRecommender): Float32Array {
  const made = known.get(bound) ?? estimatePopularity(bound);
  known.set(bound, made);
  return made;
}

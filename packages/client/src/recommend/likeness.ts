/** How alike items are to a model, worked out when first asked for and kept as long as the model. */
import { type BoundRecommender, type CosineIndex, createCosineIndex } from '@tributary/model';

const known = new WeakMap<BoundRecommender, CosineIndex>();

export function likenessOf(bound: BoundRecommender): CosineIndex {
  const made = known.get(bound) ?? createCosineIndex(bound.itemVectors());
  known.set(bound, made);
  return made;
}

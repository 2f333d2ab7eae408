/** The two baselines that every figure stands beside. */
import type { Interactions } from '../data/dataset.ts';
import { seededRandom } from '../random/seeded.ts';

/** ItemPop: the number of people who have each item [items], the same scores for everybody. */
export function popularityScores(train: Interactions): Float32Array {
  const counts = new Float32Array(train.itemCount);
  for (let i = 0; i < train.items.length; i++) counts[train.items[i]]++;
  return counts;
}

/** Uniform scores [itemCount], other ones for each user. */
export function randomScores(itemCount: number, seed: number, user: number): Float32Array {
  const random = seededRandom(seed, user);
  return Float32Array.from({ length: itemCount }, () => random.next());
}

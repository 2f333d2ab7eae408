/** Lists that do not say the same thing twice. */
import type { CosineIndex } from './cosine-index.ts';
import type { TopItems } from './top-k.ts';

/**
 * Maximal marginal relevance (Carbonell and Goldstein 1998): one after the other, the candidate with the highest
 * (1 - diversity) * relevance - diversity * (largest cosine with what was chosen before). Relevance is the score as a share of the
 * candidates' range, 0 for the worst and 1 for the best, so that it compares with a cosine whatever a model's scores are.
 *
 * @param candidates best first; more of them than `count`, for there to be a choice (`candidatesFor`)
 * @param diversity 0 (the candidates' order) to 1 (unlikeness alone, after the best)
 * @returns the chosen in the order of their choice, with their own scores
 */
export function diversify(
  candidates: TopItems,
  likeness: Pick<CosineIndex, 'between'>,
  { count, diversity }: { readonly count: number; readonly diversity: number },
): TopItems {
  const { items, scores } = candidates;
  const size = Math.min(count, items.length);
  if (diversity === 0 || size <= 1) return { items: items.slice(0, size), scores: scores.slice(0, size) };
  const worst = scores[scores.length - 1];
  const range = scores[0] - worst;
  const relevance = Float64Array.from(scores, (score) => (range > 0 ? (score - worst) / range : 1));
  const nearest = new Float64Array(items.length).fill(-1);
  const isChosen = new Uint8Array(items.length);
  const chosen = { items: new Uint32Array(size), scores: new Float32Array(size) };
  let at = 0;
  for (let place = 0; place < size; place++) {
    isChosen[at] = 1;
    chosen.items[place] = items[at];
    chosen.scores[place] = scores[at];
    let next = -1;
    let most = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < items.length; c++) {
      if (isChosen[c] !== 0) continue;
      nearest[c] = Math.max(nearest[c], likeness.between(items[c], items[at]));
      const margin = (1 - diversity) * relevance[c] - diversity * nearest[c];
      if (margin <= most) continue;
      most = margin;
      next = c;
    }
    at = next;
  }
  return chosen;
}

/** How many candidates `diversify` is to choose from: ten for each place, up to 500 where that is enough. */
export function candidatesFor(count: number, diversity: number): number {
  return diversity === 0 ? count : Math.max(count, Math.min(10 * count, 500));
}

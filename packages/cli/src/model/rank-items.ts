/** What a model recommends to a history, as a device would rank it. */
import { type Item, type Recommender, seededRandom, topK } from '@tributary/model';
import { CommandError } from '../exit/command-error.ts';

export interface RankedItem {
  readonly id: string;
  readonly title: string;
  readonly score: number;
}

/** Seed of the user vector's fit, for recommenders that fit by descent: the same history gives the same list. */
const fitSeed = 1;

/**
 * The `count` best items that are not in the history.
 * @param history item ids, oldest first
 * @throws CommandError `input` for an id that the catalogue does not have
 */
export function rankItems(
  recommender: Recommender,
  parameters: Float32Array,
  items: readonly Item[],
  history: readonly string[],
  count: number,
): RankedItem[] {
  const indices = new Map(items.map(({ id }, index) => [id, index]));
  const known = history.map((id, place) => {
    const index = indices.get(id);
    if (index === undefined) {
      throw new CommandError('input', `The catalogue has no item with the id at place ${place + 1} of the history.`, {
        advice: `Ids stand as in the catalogue, e.g. ${items
          .slice(0, 3)
          .map((item) => item.id)
          .join(', ')}.`,
      });
    }
    return index;
  });
  const bound = recommender.bind(parameters);
  const scores = bound.score(bound.fitPrivateState({ items: Uint32Array.from(known) }, seededRandom(fitSeed)));
  const left = new Uint8Array(items.length);
  for (const index of known) left[index] = 1;
  return Array.from(topK(scores, count, { left }).items, (index) => ({
    id: items[index].id,
    title: items[index].title,
    score: scores[index],
  }));
}

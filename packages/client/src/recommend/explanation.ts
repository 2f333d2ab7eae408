/** Why an item is recommended, and why not: in terms of the person's own history, on the device. */
import { explainScore, rankOf, seededRandom, topK } from '@tributary/model';
import { type AttributeContribution, attributeContributions } from './attribute-contributions.ts';
import type { Catalogue } from './catalogue.ts';
import { type FittedPerson, isUnknown, scoresFor } from './fitted-person.ts';
import { indexOfItem, leftOut } from './item-list.ts';
import { createPause } from './pause.ts';
import type { CheckedItemQuery } from './query.ts';

/** What an item of the person's own history adds to a score; below 0 where it takes from it. */
export interface HistoryContribution {
  readonly kind: 'history';
  readonly itemId: string;
  readonly title: string;
  readonly value: number;
}

/** A score taken apart: what `explain` gives. */
export interface Explanation {
  readonly itemId: string;
  /** As in the list that `recommend` gives without picks (`likes`, `words`). */
  readonly score: number;
  /**
   * What no single item of the history accounts for: how liked the item is by everybody, interactions of items with each other, and
   * items before the 50 latest ones. 0, but for rounding, in tasks of `implicit-als`; all of the score where there is no history.
   */
  readonly base: number;
  /** The largest value first; base and values add up to the score. */
  readonly contributions: readonly HistoryContribution[];
  /** The same contributions by what they share with the item, the largest value first; those that share nothing are in none. */
  readonly attributes: readonly AttributeContribution[];
}

/** What keeps an item out of the list: what `whyNot` gives. */
export interface WhyNot extends Explanation {
  /**
   * 'in-history': what a person has had is not recommended to them. 'below': better items fill the list. Both, or none where the
   * item is in the list.
   */
  readonly reasons: readonly ('in-history' | 'below')[];
  /** Place among what can be listed, 1 for the best. */
  readonly rank: number;
  /** The score of the last item in the list; the item's own where no other can be listed. */
  readonly neededScore: number;
}

/** Explanations stay the same from one call to the next: fits draw the same negatives. */
const fitSeed = 1;

/** @throws TributaryError 'unknown-item' */
export async function explainItem(person: FittedPerson, itemId: string, call = 'explain()'): Promise<Explanation> {
  const { catalogue, bound } = person.model;
  const item = indexOfItem(catalogue, itemId, call);
  if (isUnknown(person.history)) {
    const score = scoresFor(person)[item];
    return { itemId, score, base: score, contributions: [], attributes: [] };
  }
  const { score, base, contributions } = await explainScore(bound, person.state, person.history, item, {
    random: (draw) => seededRandom(fitSeed, draw),
    pause: createPause(),
  });
  return {
    ...{ itemId, score, base },
    contributions: contributions.map((each) => named(catalogue, each)),
    attributes: attributeContributions(catalogue, item, contributions),
  };
}

function named({ items }: Catalogue, { item, value }: { item: number; value: number }): HistoryContribution {
  return { kind: 'history', itemId: items[item].id, title: items[item].title, value };
}

/** Of an item that is not in the list of this query. @throws TributaryError 'unknown-item' */
export async function explainAbsence(person: FittedPerson, itemId: string, query: CheckedItemQuery): Promise<WhyNot> {
  const { model, history } = person;
  const explanation = await explainItem(person, itemId, 'whyNot()');
  const item = indexOfItem(model.catalogue, itemId, 'whyNot()');
  const scores = scoresFor(person);
  const left = leftOut(model.catalogue, query, history.items);
  const rank = rankOf(scores, item, left);
  const listed = topK(scores, query.count, { left }).scores;
  const reasons: ('in-history' | 'below')[] = [];
  if (history.items.includes(item)) reasons.push('in-history');
  if (rank > query.count) reasons.push('below');
  return { ...explanation, reasons, rank, neededScore: listed.at(-1) ?? explanation.score };
}

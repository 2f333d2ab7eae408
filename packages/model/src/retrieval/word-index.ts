/** Free-text search by words, for devices without a text encoder. */
import type { Item } from '../data/dataset.ts';
import { wordsOf } from './words.ts';

export interface WordIndex {
  /**
   * How well each item fits the words of a query [items]; 0 where it has none of them. A last word that no item has, of two letters or
   * more, stands for the words that begin with it: it may be still being typed.
   */
  scores(query: string): Float32Array;
}

/** How much a word counts, by where it stands. */
const fieldWeights = { title: 3, attributes: 2, description: 1 } as const;

/** Of BM25, at their usual values: how soon more of a word adds nothing, and how far long texts are held against them. */
const saturation = 1.2;
const lengthPenalty = 0.75;

/** Words that one beginning stands for at most. */
const mostCompletions = 64;

/** Items between two pauses. */
const slice = 100;

/** Items that have a word, and what each scores by it. */
interface Postings {
  readonly items: number[];
  readonly values: number[];
}

/**
 * BM25 over weighted fields (BM25F; Robertson, Zaragoza and Taylor 2004: frequencies are weighted before they saturate). Everything but the
 * sum over a query's words is computed once.
 *
 * @param pause awaited after every few items, for a page to keep its frames
 */
export async function createWordIndex(
  items: readonly Pick<Item, 'title' | 'attributes' | 'description'>[],
  pause?: () => Promise<void>,
): Promise<WordIndex> {
  const postings = new Map<string, Postings>();
  const lengths = new Float64Array(items.length);
  for (const [index, item] of items.entries()) {
    if (index > 0 && index % slice === 0) await pause?.();
    for (const [each, frequency] of frequenciesOf(item)) {
      const list = postings.get(each) ?? { items: [], values: [] };
      postings.set(each, list);
      list.items.push(index);
      list.values.push(frequency);
      lengths[index] += frequency;
    }
  }
  const meanLength = lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, items.length);
  for (const list of postings.values()) scoreInPlace(list, lengths, meanLength);

  return {
    scores(query) {
      const scores = new Float32Array(items.length);
      const words = [...new Set(wordsOf(query))];
      words.forEach((each, place) => {
        const list = postings.get(each);
        if (list) addTo(scores, list);
        else if (place === words.length - 1) addBest(scores, completions(postings, each));
      });
      return scores;
    },
  };
}

function frequenciesOf(item: Pick<Item, 'title' | 'attributes' | 'description'>): Map<string, number> {
  const frequencies = new Map<string, number>();
  const count = (text: string, weight: number) => {
    for (const each of wordsOf(text)) frequencies.set(each, (frequencies.get(each) ?? 0) + weight);
  };
  count(item.title, fieldWeights.title);
  for (const attribute of item.attributes) count(attribute, fieldWeights.attributes);
  count(item.description, fieldWeights.description);
  return frequencies;
}

/** Turns the weighted frequencies of a word into its part of the items' scores. */
function scoreInPlace({ items, values }: Postings, lengths: Float64Array, meanLength: number): void {
  const rarity = Math.log(1 + (lengths.length - items.length + 0.5) / (items.length + 0.5));
  for (let i = 0; i < items.length; i++) {
    const norm = 1 - lengthPenalty + (lengthPenalty * lengths[items[i]]) / meanLength;
    values[i] = (rarity * values[i] * (saturation + 1)) / (values[i] + saturation * norm);
  }
}

function addTo(scores: Float32Array, { items, values }: Postings): void {
  for (let i = 0; i < items.length; i++) scores[items[i]] += values[i];
}

/** Of words that stand for one, the one that fits an item best. */
function addBest(scores: Float32Array, lists: readonly Postings[]): void {
  const best = new Map<number, number>();
  for (const { items, values } of lists) {
    for (let i = 0; i < items.length; i++) best.set(items[i], Math.max(values[i], best.get(items[i]) ?? 0));
  }
  for (const [item, value] of best) scores[item] += value;
}

function completions(postings: ReadonlyMap<string, Postings>, beginning: string): Postings[] {
  const found: Postings[] = [];
  if (beginning.length < 2) return found;
  for (const [each, list] of postings) {
    if (!each.startsWith(beginning)) continue;
    found.push(list);
    if (found.length === mostCompletions) break;
  }
  return found;
}

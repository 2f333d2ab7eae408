/** Free-text search of the catalogue, on the device: by what texts mean where an encoder is at hand, else by their words. */
import {
  type CosineIndex,
  createCosineIndex,
  createWordIndex,
  encodeOnce,
  itemText,
  memoryEncodings,
  topK,
  type WordIndex,
} from '@tributary/model';
import { reasonOf, TributaryError } from '../errors/tributary-error.ts';
import type { TextOptions } from '../session/item-texts.ts';
import type { Catalogue } from './catalogue.ts';
import { leftOut, listItems, type RecommendedItem } from './item-list.ts';
import type { PreparedModel } from './model-cache.ts';
import { createPause } from './pause.ts';
import type { CheckedItemQuery } from './query.ts';

/** What `search` gives. */
export interface SearchResult {
  /** Best first; by words, only items that have one of them. */
  readonly items: readonly RecommendedItem[];
  /**
   * 'encoder': by the angle between the text's encoding and the items'. 'words': by BM25 over title, attributes and description. With an
   * encoder it is 'words' too until the items are encoded, which begins with the first search where the task itself reads no texts.
   */
  readonly basis: 'encoder' | 'words';
}

export interface ItemSearch {
  search(model: PreparedModel, text: string, query: CheckedItemQuery): Promise<SearchResult>;
  /** Indices of the best items for a text, best first, at most `count`; by words, only items that have one of them. */
  best(model: PreparedModel, text: string, count: number): Promise<Uint32Array>;
  /** Ends what encodes items; when it has resolved, nothing runs any more. */
  close(): Promise<void>;
}

async function encode(text: string, { model }: TextOptions): Promise<Float32Array> {
  try {
    return await model.encode([text]);
  } catch (cause) {
    throw new TributaryError('texts', `The encoder cannot read the text that was searched for: ${reasonOf(cause)}`, {
      cause,
    });
  }
}

export function createItemSearch(texts: TextOptions | undefined): ItemSearch {
  const words = new WeakMap<Catalogue, Promise<WordIndex>>();
  const meanings = new WeakMap<Catalogue, CosineIndex>();
  const closing = new AbortController();
  let encoding: { readonly catalogue: Catalogue; readonly done: Promise<void> } | null = null;

  function wordsOf(catalogue: Catalogue): Promise<WordIndex> {
    const index = words.get(catalogue) ?? createWordIndex(catalogue.items, createPause());
    words.set(catalogue, index);
    return index;
  }

  /** Null where the items' encodings are not at hand, or not yet. */
  function meaningsOf({ catalogue, encodings }: PreparedModel, { model, memoryBytes, cache }: TextOptions) {
    const made = meanings.get(catalogue);
    if (made) return made;
    const { items } = catalogue;
    if (encodings) {
      const index = createCosineIndex(encodings, items.length);
      meanings.set(catalogue, index);
      return index;
    }
    const needed = model.requiredBytes({ training: false, texts: items.length, adapter: null });
    if (encoding?.catalogue === catalogue || closing.signal.aborted || needed > (memoryBytes ?? needed)) return null;
    const done = encodeOnce(items.map(itemText), model, cache ?? memoryEncodings(), { signal: closing.signal })
      .then((encoded) => void meanings.set(catalogue, createCosineIndex(encoded)))
      // An encoder that fails leaves words to search by; it is not tried again.
      .catch(() => {});
    encoding = { catalogue, done: Promise.all([encoding?.done, done]).then(() => {}) };
    return null;
  }

  async function scoresOf(model: PreparedModel, text: string) {
    const index = texts && meaningsOf(model, texts);
    if (index) return { basis: 'encoder', scores: index.cosines(await encode(text, texts)) } as const;
    return { basis: 'words', scores: (await wordsOf(model.catalogue)).scores(text) } as const;
  }

  async function topOf(model: PreparedModel, text: string, count: number, left?: Uint8Array) {
    if (text.trim() === '') return { basis: 'words', top: topK(new Float32Array(0), 0) } as const;
    const { basis, scores } = await scoresOf(model, text);
    return { basis, top: topK(scores, count, basis === 'words' ? { left, above: 0 } : { left }) };
  }

  return {
    async search(model, text, query) {
      const { basis, top } = await topOf(model, text, query.count, leftOut(model.catalogue, query, []));
      return { items: listItems(model.catalogue, top), basis };
    },
    best: async (model, text, count) => (await topOf(model, text, count)).top.items,
    async close() {
      closing.abort();
      await encoding?.done;
    },
  };
}

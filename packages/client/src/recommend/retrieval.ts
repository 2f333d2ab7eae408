/** What an app can ask of the model on a device beside its recommendations. All of it is worked out here and works offline. */
import type { TextOptions } from '../session/item-texts.ts';
import { type Explanation, explainAbsence, explainItem, type WhyNot } from './explanation.ts';
import type { RecommendedItem } from './item-list.ts';
import type { PreparedModel } from './model-cache.ts';
import { checkItemQuery, type ItemQuery } from './query.ts';
import type { FittedPerson } from './recommend.ts';
import { checkSearchText, createItemSearch, type SearchResult } from './search.ts';
import { similarItems } from './similar.ts';

/** Every method waits for the very first model while it is on its way, as `recommend` does, and fails alike where none is. */
export interface Retrieval {
  /**
   * Items that the same people like, best first; `score` is the cosine of the model's item vectors.
   * @throws TributaryError 'unknown-item', 'invalid-option', 'no-model', 'stopped'
   */
  similar(itemId: string, query?: ItemQuery): Promise<readonly RecommendedItem[]>;
  /**
   * Items that a text of up to 1000 characters describes. The text stays on the device.
   * @throws TributaryError 'invalid-option', 'no-model', 'stopped'; 'texts' where the encoder fails
   */
  search(text: string, query?: ItemQuery): Promise<SearchResult>;
  /**
   * What each item of the person's history adds to the score of an item.
   * @throws TributaryError 'unknown-item', 'no-model', 'stopped'
   */
  explain(itemId: string): Promise<Explanation>;
  /**
   * Why an item is not in the list that `recommend` gives for this query, without diversity.
   * @throws TributaryError 'unknown-item', 'invalid-option', 'no-model', 'stopped'
   */
  whyNot(itemId: string, query?: ItemQuery): Promise<WhyNot>;
}

/** @returns also `close`: when it has resolved, nothing runs any more */
export function createRetrieval(sources: {
  readonly model: () => Promise<PreparedModel>;
  readonly person: () => Promise<FittedPerson>;
  readonly texts: TextOptions | undefined;
}): Retrieval & { close(): Promise<void> } {
  const { model, person, texts } = sources;
  const byText = createItemSearch(texts);
  return {
    async similar(itemId, query = {}) {
      const wanted = checkItemQuery(query, 'similar()');
      return similarItems(await model(), itemId, wanted);
    },
    async search(text, query = {}) {
      const wanted = checkItemQuery(query, 'search()');
      const checked = checkSearchText(text);
      return byText.search(await model(), checked, wanted);
    },
    explain: async (itemId) => explainItem(await person(), itemId),
    async whyNot(itemId, query = {}) {
      const wanted = checkItemQuery(query, 'whyNot()');
      return explainAbsence(await person(), itemId, wanted);
    },
    close: byText.close,
  };
}

/** What an app can ask of the model on a device beside its recommendations. All of it is worked out here and works offline. */
import type { TextOptions } from '../session/item-texts.ts';
import { type Explanation, explainAbsence, explainItem, type WhyNot } from './explanation.ts';
import type { FittedPerson } from './fitted-person.ts';
import type { RecommendedItem } from './item-list.ts';
import type { PreparedModel } from './model-cache.ts';
import { pickItems } from './picks.ts';
import { type CheckedRecommendQuery, checkItemQuery, checkText, type ItemQuery } from './query.ts';
import { type RankedItems, recommendItems } from './recommend.ts';
import { createItemSearch, type SearchResult } from './search.ts';
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

/** What `Tributary` is made of beside the methods that it has from here. */
interface RetrievalParts {
  /** What `recommend` lists. @throws TributaryError 'unknown-item', 'no-model', 'stopped'; 'texts' where the encoder fails */
  rank(query: CheckedRecommendQuery): Promise<RankedItems>;
  /** When it has resolved, nothing runs any more. */
  close(): Promise<void>;
}

export function createRetrieval(sources: {
  readonly model: () => Promise<PreparedModel>;
  readonly person: () => Promise<FittedPerson>;
  readonly texts: TextOptions | undefined;
}): Retrieval & RetrievalParts {
  const { model, person, texts } = sources;
  const byText = createItemSearch(texts);
  return {
    async similar(itemId, query = {}) {
      const wanted = checkItemQuery(query, 'similar()');
      return similarItems(await model(), itemId, wanted);
    },
    async search(text, query = {}) {
      const wanted = checkItemQuery(query, 'search()');
      const checked = checkText(text, 'search() expects');
      return byText.search(await model(), checked, wanted);
    },
    explain: async (itemId) => explainItem(await person(), itemId),
    async whyNot(itemId, query = {}) {
      const wanted = checkItemQuery(query, 'whyNot()');
      return explainAbsence(await person(), itemId, wanted);
    },
    async rank(query) {
      const own = await person();
      return recommendItems(own, query, await pickItems(own.model, query, byText));
    },
    close: byText.close,
  };
}

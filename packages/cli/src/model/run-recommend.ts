/** Recommends with a store's model, as a device with that history would. */
import { loadCoordinatorIdentity } from '@tributary/coordinator';
import { systemRandom } from '@tributary/privacy';
import type { RecommendOptions } from '../commands/recommend.ts';
import type { Output } from '../output/output.ts';
import { plainText, textTable } from '../output/table.ts';
import { loadModel, taskOf, versionOf, withStore } from '../store/open-existing.ts';
import { rankItems } from './rank-items.ts';

export async function runRecommend(options: RecommendOptions, output: Output): Promise<void> {
  await withStore(options.store, async (store) => {
    const task = await taskOf(store, options.task);
    const version = await versionOf(store, task, options.version);
    const { publicKey } = await loadCoordinatorIdentity(options.store, systemRandom);
    const { recommender, parameters, items } = await loadModel(
      store,
      task,
      version,
      publicKey,
      async (document, items) => {
        const { textsForScoring } = await import('../text/text-model.ts');
        return textsForScoring(document, items, options.encoder, output);
      },
    );
    const ranked = rankItems(recommender, parameters, items, options.history, options.count);
    output.result(
      textTable(
        ['item', 'title', 'score'],
        ranked.map(({ id, title, score }) => [plainText(id, 40), plainText(title), score.toFixed(4)]),
        [0, 1],
      ),
    );
    output.data({ task: task.id, version: version.version.hash, recommendations: ranked });
  });
}

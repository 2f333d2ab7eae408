/** Ranks the held-out items of all users, on all threads. */
import { emptyQuality, finishQuality, mergeQuality, type QualityReport } from '@tributary/model';
import { chunksOf, inOrder } from './chunks.ts';
import type { ScoredModel } from './worker-setting.ts';
import type { WorkerThreads } from './worker-threads.ts';

export async function rankEverybody(
  threads: WorkerThreads,
  model: ScoredModel,
  size: { readonly users: number; readonly items: number },
  onProgress: (done: number, total: number) => void,
): Promise<QualityReport> {
  let sums = emptyQuality(size.items);
  await inOrder(
    chunksOf(size.users),
    2 * threads.count,
    ({ from, to }) => threads.rank({ model, from, to }),
    (part, { to }) => {
      sums = mergeQuality(sums, part);
      onProgress(to, size.users);
    },
  );
  return finishQuality(sums);
}

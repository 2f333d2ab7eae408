/** One round's local training of all contributors, on all threads, into one sum. */
import type { Accumulator } from '@tributary/coordinator/aggregation';
import { chunksOf, inOrder } from './chunks.ts';
import type { WorkerThreads } from './worker-threads.ts';

export interface CohortTraining {
  /** Mean training loss over the contributors. */
  readonly loss: number;
  /** Contributors whose contribution the clip norm shortened. */
  readonly clipped: number;
}

/**
 * Fills `accumulator` (reset first) with the sum [contribution | evaluation | weight] of the contributors. Partial sums of fixed
 * chunks are added in their order, so that the bits depend on the contributors alone.
 *
 * @param contributors users in rising order, at least one
 * @param places partial sums in shared memory, O(threads) of them
 */
export async function trainCohort(
  threads: WorkerThreads,
  places: readonly Float32Array[],
  accumulator: Accumulator,
  cohort: { readonly version: number; readonly round: number; readonly contributors: Uint32Array },
  onProgress: (done: number, total: number) => void,
): Promise<CohortTraining> {
  const { version, round, contributors } = cohort;
  accumulator.reset();
  let lossSum = 0;
  let clipped = 0;
  await inOrder(
    chunksOf(contributors.length),
    places.length,
    ({ from, to }, place) => threads.train({ version, round, users: contributors.slice(from, to), place }),
    (outcome, { to }, place) => {
      accumulator.add(places[place], 1);
      lossSum += outcome.lossSum;
      clipped += outcome.clipped;
      onProgress(to, contributors.length);
    },
  );
  return { loss: lossSum / Math.max(1, contributors.length), clipped };
}

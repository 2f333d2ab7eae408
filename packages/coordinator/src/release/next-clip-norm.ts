/** The clip norm of the next round, where a task lets it follow the norms of its devices. */
import { nextClipNorm } from '@tributary/privacy';
import type { RoundDescriptor, TaskDocument } from '@tributary/protocol';
import type { Store, TaskRecord } from '../store/store.ts';

/** Rounds that are looked through for the last clip norm; abandoned ones have none. */
const recentRounds = 1000;

/** Of the next round of a task that goes on: as its last closed round left it. */
export async function lastClipNorm(
  store: Pick<Store, 'rounds'>,
  { id, document }: Pick<TaskRecord, 'id' | 'document'>,
): Promise<number | null> {
  const { clipNorm, noise } = document.privacy;
  if (!noise?.adaptiveClip) return clipNorm;
  const rounds = await store.rounds(id, recentRounds);
  const last = rounds.find(({ metrics }) => metrics?.['clipNorm'] !== undefined);
  return last?.metrics?.['clipNorm'] ?? clipNorm;
}

/**
 * From the noisy number of devices within the clip norm, which was released with the sum and charged with it.
 * @param sum [contribution | evaluation | tally], opened
 */
export function clipNormAfter(
  { privacy, cohort }: Pick<TaskDocument, 'privacy' | 'cohort'>,
  { clipNorm, sections }: Pick<RoundDescriptor, 'clipNorm' | 'sections'>,
  sum: Float32Array,
): number | null {
  const adaptive = privacy.noise?.adaptiveClip;
  if (!adaptive || clipNorm === null) return clipNorm;
  const tally = sum[sections.contribution + sections.evaluation];
  return nextClipNorm(clipNorm, tally, cohort.target, adaptive);
}

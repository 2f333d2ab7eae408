/** Which stream of seeded randomness serves what, so that no two uses share draws and none depends on the order of work. */
import { type SeededRandom, seededRandom } from '@tributary/model';

const purposes = ['training', 'scoring', 'cohort'] as const;
export type StreamPurpose = (typeof purposes)[number];

/** Streams of one purpose: round * users + user stays below it for any run that ends within a lifetime. */
const streamsPerPurpose = 2 ** 50;

/** Randomness of one user in one round for one purpose; `users` is the number of all users. */
export function streamOf(seed: number, purpose: StreamPurpose, round: number, users: number, user = 0): SeededRandom {
  return seededRandom(seed, purposes.indexOf(purpose) * streamsPerPurpose + round * users + user);
}

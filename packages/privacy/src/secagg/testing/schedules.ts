/** Rounds of random sizes in which random devices are lost in random phases. */
import { seededResearchRandom } from '../../random/index.ts';
import { type DropPhase, plainSum, type Rehearsal, rehearse, runRehearsal } from './rehearsal.ts';

export const phases: readonly DropPhase[] = ['keys', 'neighbours', 'shares', 'upload', 'acknowledge', 'reveal'];
export const sections = [
  { length: 37, bits: 20 },
  { length: 7, bits: 32 },
];

/** A round of 3 to 200 devices, sparse or full, in which up to `fraction` of them are lost, anywhere. */
export function schedule(seed: number, fraction: number): Rehearsal {
  const bytes = seededResearchRandom(seed, 9).bytes(4096);
  let at = 0;
  const below = (bound: number) => (bytes[at++ % bytes.length] * 256 + bytes[at++ % bytes.length]) % bound;
  // Small rounds are quick: most schedules are of few devices.
  const n = below(10) === 0 ? 3 + below(198) : 3 + below(40);
  const losses = Math.floor(fraction * n);
  const lost = new Map<number, DropPhase>();
  while (lost.size < losses) lost.set(below(n), phases[below(phases.length)]);
  const dropsBefore = (index: number) => lost.get(index);
  const dropout = fraction <= 0.1 ? 1000 : 2000;
  const sparse = n >= 60 && below(2) === 0 ? sparseGraph(n) : {};
  return rehearse({ n, sections, seed, dropsBefore, dropout, corrupt: n < 10 ? 0 : 500, ...sparse });
}

/** As the plan of a round computes it for these n, by the sparse rule that larger cohorts go by. */
function sparseGraph(n: number) {
  // Enough for C to hold at small n: exactness needs no security margin, only that shares suffice.
  const degree = Math.min(n - 2, Math.ceil(n / 2));
  return { degree, threshold: Math.ceil(degree / 3), inDegreeCap: n, policy: { security: -1000, corrupt: 0 } };
}

export interface ScheduleOutcome {
  readonly devices: number;
  readonly lost: number;
  /** Whether the opened sum is, bit for bit, the plain integer sum of those that uploaded. */
  readonly exact: boolean;
}

/** One schedule of losses up to the tolerated fraction, by its seed. */
export function runSchedule(seed: number): ScheduleOutcome {
  const rehearsal = schedule(seed, 0.1);
  const { sums, uploaded } = runRehearsal(rehearsal);
  const plain = plainSum(rehearsal, uploaded);
  const exact = sums.every((sum, section) => sum.every((value, i) => value === plain[section][i]));
  return { devices: rehearsal.devices.length, lost: rehearsal.devices.length - uploaded.length, exact };
}

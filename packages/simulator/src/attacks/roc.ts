/** How well scores tell members from others: the receiver operating characteristic and what is read from it. */
import { AttackError } from './attack-error.ts';

/** One candidate: the higher the score, the likelier a member, says the attack. */
export interface Scored {
  readonly score: number;
  readonly member: boolean;
}

export interface RocPoint {
  readonly falsePositiveRate: number;
  readonly truePositiveRate: number;
}

/**
 * The points that thresholds on the score reach, from (0, 0) to (1, 1), rising; candidates of one score enter together.
 * @throws AttackError without a member, without another, or for a score that is NaN
 */
export function rocCurve(candidates: readonly Scored[]): readonly RocPoint[] {
  const members = candidates.filter(({ member }) => member).length;
  const others = candidates.length - members;
  if (members === 0 || others === 0) {
    throw new AttackError(`There are ${members} members and ${others} others; expected at least one of each.`);
  }
  if (candidates.some(({ score }) => Number.isNaN(score))) {
    throw new AttackError('A score is not a number; expected one that can be compared.');
  }
  const falling = [...candidates].sort((a, b) => b.score - a.score);
  const points: RocPoint[] = [{ falsePositiveRate: 0, truePositiveRate: 0 }];
  let [hits, alarms] = [0, 0];
  falling.forEach(({ score, member }, index) => {
    if (member) hits += 1;
    else alarms += 1;
    if (falling[index + 1]?.score === score) return;
    points.push({ falsePositiveRate: alarms / others, truePositiveRate: hits / members });
  });
  return points;
}

/** Area under the curve by trapezoids: the chance that a member scores above another, ties for a half. In [0, 1]. */
export function areaUnder(curve: readonly RocPoint[]): number {
  let area = 0;
  for (let i = 1; i < curve.length; i++) {
    const width = curve[i].falsePositiveRate - curve[i - 1].falsePositiveRate;
    area += (width * (curve[i].truePositiveRate + curve[i - 1].truePositiveRate)) / 2;
  }
  return area;
}

/**
 * The largest true positive rate among thresholds that raise at most that share of false alarms (Carlini et al. 2022 report it at
 * 0.1 %). Without interpolation: with fewer than 1 / rate others it is the share of members above all of them.
 */
export function truePositiveRateAt(curve: readonly RocPoint[], falsePositiveRate: number): number {
  let best = 0;
  for (const point of curve) {
    if (point.falsePositiveRate <= falsePositiveRate) best = Math.max(best, point.truePositiveRate);
  }
  return best;
}

/** The likelihood-ratio attack with shadow models (Carlini et al., "Membership inference attacks from first principles", 2022). */
import { AttackError } from './attack-error.ts';

/** One shadow model: every target's score on it, and whether the target was trained on. */
export interface Shadow {
  /** [targets] */
  readonly scores: readonly number[];
  /** [targets] */
  readonly members: readonly boolean[];
}

interface Gaussian {
  readonly mean: number;
  readonly variance: number;
}

/**
 * Log likelihood ratios, in over out, of the scores that the attacked model gives: the online attack. For each target one Gaussian is
 * fitted to its scores on shadows that had it and one to those that had it not; their variances are pooled over all targets, as
 * the paper advises for few shadows. A target that was in (or out of) every shadow has the mean of all targets there.
 *
 * @param scores of the attacked model, [targets]
 * @throws AttackError without shadows of both kinds
 */
export function likelihoodRatios(scores: readonly number[], shadows: readonly Shadow[]): number[] {
  const fits = [true, false].map((member) => fit(shadows, scores.length, member));
  const [within, without] = fits;
  return scores.map((score, target) => logDensity(score, within[target]) - logDensity(score, without[target]));
}

/** One Gaussian a target, over its scores on shadows with that membership. */
function fit(shadows: readonly Shadow[], targets: number, member: boolean): Gaussian[] {
  const own = Array.from({ length: targets }, (_, target) =>
    shadows.flatMap(({ scores, members }) => (members[target] === member ? [scores[target]] : [])),
  );
  const all = own.flat();
  if (all.length === 0) throw new AttackError('Expected shadow models with targets, and such without.');
  const overall = meanOf(all);
  const means = own.map((values) => (values.length > 0 ? meanOf(values) : overall));
  let squares = 0;
  let freedom = 0;
  own.forEach((values, target) => {
    for (const value of values) squares += (value - means[target]) ** 2;
    freedom += Math.max(0, values.length - 1);
  });
  // Where no target has two shadows of a kind, their spread is that of the targets.
  const spread = freedom > 0 ? squares / freedom : meanOf(all.map((value) => (value - overall) ** 2));
  const variance = Math.max(spread, Number.MIN_VALUE * 2 ** 52);
  return means.map((mean) => ({ mean, variance }));
}

function logDensity(value: number, { mean, variance }: Gaussian): number {
  return -((value - mean) ** 2) / (2 * variance) - Math.log(variance) / 2;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The noise that a round promises, and whether this device's share is enough for it. */
import {
  composeEpsilon,
  deviationsOfShare,
  leastShareDeviation,
  type MechanismEvent,
  multiplierOfShare,
  noiseShareEvent,
} from '@tributary/privacy';
import {
  evaluationUnit,
  type NoisePlacement,
  type RoundDescriptor,
  type SecureRoundDescription,
  type TaskSummary,
} from '@tributary/protocol';
import { sectionEncodings } from '../training/index.ts';
import type { NoiseAgreement } from './noise-agreement.ts';
import { refuse } from './refuse.ts';

/** What the device knows of its own part in the task, and of what the task announces. */
export interface NoiseContext {
  /** Highest round that this device took part in; 0 for none. */
  readonly lastRound: number;
  /** Rounds that it has made a contribution to, whether or not it came to be in a sum. */
  readonly uploads: number;
  /** What they spent, by the noise of the devices in their sums. */
  readonly spent: readonly MechanismEvent[];
  /** What the task announces of its noise; null where it adds none. */
  readonly noise: TaskSummary['noise'];
  /** The same when this device first took part; missing before that. */
  readonly terms?: TaskSummary['noise'];
}

/** @throws TributaryError 'policy' */
export function checkPlacement(
  { placements }: NoiseAgreement,
  placement: NoisePlacement | null,
  of: 'task' | 'round',
): void {
  if (placements.includes(placement ?? 'none')) return;
  const added = placement === null ? 'No noise is added' : `Noise is added by the plan '${placement}'`;
  throw refuse(`${added} in this ${of}; this device takes part with: ${placements.join(', ')}.`);
}

/** @throws TributaryError 'policy' */
export function checkNoise(
  agreement: { readonly noise: NoiseAgreement; readonly secure: { readonly corrupt: number } },
  round: RoundDescriptor,
  context: NoiseContext,
): void {
  const { noiseMultiplier, noisePlacement, secure, treeFirstRound, participations } = round;
  checkPlacement(agreement.noise, noisePlacement, 'round');
  checkTerms(context);
  const announced = context.noise?.placement ?? null;
  if (noisePlacement !== announced) {
    throw refuse(`The round's noise is '${noisePlacement ?? 'none'}'; the task's is '${announced ?? 'none'}'.`);
  }
  if ((noiseMultiplier === null) !== (noisePlacement === null)) {
    throw refuse('The round has a noise multiplier without saying who adds the noise, or the other way round.');
  }
  const { minimumMultiplier } = agreement.noise;
  if (noiseMultiplier !== null && !(noiseMultiplier > 0 && noiseMultiplier >= minimumMultiplier)) {
    throw refuse(
      `The round's noise multiplier is ${noiseMultiplier}; expected a number above 0 and of at least ${minimumMultiplier}.`,
    );
  }
  if (treeFirstRound !== null && context.lastRound >= treeFirstRound) {
    throw refuse(
      `The noise of round ${round.round} is of a tree that began with round ${treeFirstRound}, and this device took part in round ${context.lastRound}: once in a tree is all that its claim allows.`,
    );
  }
  const most = context.noise?.participations ?? null;
  if (participations !== most) {
    throw refuse(
      `The round lets a device take part ${participations ?? 'any number of'} times; the task announces ${most ?? 'any number of'}.`,
    );
  }
  if (most !== null && context.uploads >= most) {
    throw refuse(
      `This device has made ${context.uploads} contributions to the task, as many as its privacy claim allows one person; it takes part in no further round.`,
    );
  }
  const share = secure?.noise ?? null;
  const ofDevices = noisePlacement === 'distributed' || noisePlacement === 'local';
  if ((share !== null) !== ofDevices) {
    throw refuse(
      `Noise of the plan '${noisePlacement ?? 'none'}' ${ofDevices ? 'needs' : 'has no'} shares of the devices.`,
    );
  }
  if (secure && noiseMultiplier !== null) checkTally(secure);
  if (share && noiseMultiplier !== null) checkShare(agreement.secure.corrupt, round, share, noiseMultiplier);
  const spends = spendOf(round);
  if (spends && context.noise) checkBudget(context.noise, agreement.noise.accountTolerance, [...context.spent, spends]);
}

/** What a contribution to the round spends, by the noise of the devices in its sum; null where they add none. */
export function spendOf(
  round: Pick<RoundDescriptor, 'sections' | 'clipNorm' | 'evaluationScale' | 'secure'>,
): MechanismEvent | null {
  const { secure, clipNorm, evaluationScale } = round;
  if (!secure?.noise) return null;
  const [contribution, metrics] = sectionEncodings(round);
  return noiseShareEvent(secure.noise, {
    contribution,
    metrics,
    metricsUnit: evaluationUnit(clipNorm, evaluationScale),
  });
}

/** From the coordinator alone, to everybody's share of the noise, to all of it from each. */
const placementsByTrust: readonly NoisePlacement[] = ['central', 'distributed', 'local'];

/** What was announced when the person agreed may become stricter, never looser. */
function checkTerms({ noise, terms }: NoiseContext): void {
  if (!terms) return;
  const looser =
    !noise ||
    noise.budget > terms.budget ||
    noise.delta > terms.delta ||
    placementsByTrust.indexOf(noise.placement) < placementsByTrust.indexOf(terms.placement) ||
    (terms.participations !== null && (noise.participations ?? Number.POSITIVE_INFINITY) > terms.participations);
  if (!looser) return;
  const shown = (of: TaskSummary['noise']) =>
    of
      ? `${of.placement} noise, epsilon ${of.budget} at delta ${of.delta}, ${of.participations ?? 'any number of'} participations`
      : 'no noise';
  throw refuse(
    `The task announces ${shown(noise)}; this device took part under ${shown(terms)}. Looser terms are another task's, which the person has to agree to.`,
  );
}

/** The device's own account: what the coordinator may learn of this person is within what was announced, whatever it asks for. */
function checkBudget(
  { budget, delta }: NonNullable<TaskSummary['noise']>,
  tolerance: number,
  spends: readonly MechanismEvent[],
): void {
  const epsilon = composeEpsilon(spends, delta);
  if (epsilon <= budget * tolerance * (1 + 1e-9)) return;
  throw refuse(
    `With this round the contributions of this device would spend epsilon ${epsilon.toPrecision(4)} at delta ${delta}; the task announces ${budget}.`,
  );
}

/** Besides contribution and evaluation a sum with noise has one number of each device at most: whether its norm is within the clip. */
function checkTally({ tally, metricsScale, noise }: SecureRoundDescription): void {
  if (tally === 'weight')
    throw refuse('The round would sum weights of devices as they are, beside noisy contributions.');
  if (noise && (tally === 'within-clip') !== noise.indicatorVariance > 0) {
    throw refuse(
      tally === 'within-clip'
        ? 'The round would sum whether norms are within the clip norm, without noise on it.'
        : 'The round has noise for a tally that it does not sum.',
    );
  }
  // Half a step more or less is what the tally's sensitivity counts on.
  if (tally === 'within-clip' && metricsScale % 2 !== 0) {
    throw refuse(`The round sums halves on a grid of ${metricsScale} steps; expected an even number.`);
  }
}

/** With so many honest noises the sum has what the round promises; and there will be so many. */
function checkShare(
  corrupt: number,
  round: RoundDescriptor,
  share: NonNullable<SecureRoundDescription['noise']>,
  promised: number,
): void {
  const { noises } = share;
  // Whether a sum that can be opened has so many is checked at the roster's real size, with neighbours and threshold.
  const honest = round.cohortMinimum - Math.floor(corrupt * (round.secure?.rosterMaximum ?? 0) + 1e-9);
  const most = round.noisePlacement === 'local' ? 1 : honest;
  if (!(noises >= 1 && noises <= most)) {
    throw refuse(`The round counts on the noise of ${noises} honest devices in a sum; this device on that of ${most}.`);
  }
  const [contribution, metrics] = sectionEncodings(round);
  const metricsUnit = evaluationUnit(round.clipNorm, round.evaluationScale);
  const least = Math.min(...deviationsOfShare(share, metrics.length - 1));
  if (!(least >= leastShareDeviation)) {
    throw refuse(
      `A device's noise would have a standard deviation of ${least.toPrecision(3)} steps of the grid, below ${leastShareDeviation}: rounding leaves too little of it.`,
    );
  }
  const reached = multiplierOfShare(share, { contribution, metrics, metricsUnit });
  // What float64 may have rounded away.
  if (!(reached * (1 + 2 ** -30) >= promised)) {
    throw refuse(
      `The devices' noise reaches a noise multiplier of ${reached.toPrecision(4)}; the round promises ${promised}.`,
    );
  }
}

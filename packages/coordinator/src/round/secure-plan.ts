/** What a secure round is, computed from its task: the width and scale of its integers, its graph, its noise, and what they promise. */
import {
  deviationsOfShare,
  EncodingError,
  fullGraph,
  graphForRange,
  hexToBytes,
  leastShareDeviation,
  type NoiseDemand,
  type NoisyVector,
  noiseOnSum,
  noiseShareOf,
  type SectionEncoding,
  type SecureRound,
  scaleFor,
  vectorSensitivity,
} from '@tributary/privacy';
import {
  contributionClipNorm,
  evaluationUnit,
  maximumDegree,
  maximumRoster,
  noisePlanOf,
  type RoundDescriptor,
  type RoundDescriptorFields,
  roundHash,
  type SecureRoundDescription,
  secureSettingsOf,
  type TaskDocument,
} from '@tributary/protocol';
import { limitsOf } from './limits.ts';
import { noiseMultipliersOf } from './noise-multipliers.ts';

/** Metrics and weight are few: the widest integers cost nothing. */
export const metricsBits = 32;

/** A task whose rounds cannot be run under secure aggregation. The message has the arithmetic. */
export class SecurePlanError extends Error {
  override readonly name = 'SecurePlanError';
}

type Sections = RoundDescriptor['sections'];
type Planned = Pick<TaskDocument, 'cohort' | 'evaluation' | 'privacy' | 'model'>;
type SecurePlan = Omit<SecureRoundDescription, 'identityLog'>;
/** The integers of a round whose sum has so much noise; no finer a grid than given. */
type Encode = (standardDeviation: number, onIndicator: number, largestScale: number) => SecurePlan;

/** Of the samplers' tables. */
const largestDeviations = { 'discrete-gaussian': 2 ** 27, skellam: 2 ** 14 } as const;

/**
 * The secure part of every round's description, but for the identity log. The roster is never larger than the invitations, so
 * that the scale is for the sum of as many.
 * @param clipNorm of the round, where it follows the norms of earlier rounds
 * @throws SecurePlanError when the cohort, the fractions, the width or the noise allow no round
 */
export function securePlanOf(task: Planned, sections: Sections, clipNorm = task.privacy.clipNorm): SecurePlan {
  const { cohort, evaluation, privacy } = task;
  checkMultipliers(task);
  const { bits, alignment, corrupt, dropout } = secureSettingsOf(privacy);
  const rosterMaximum = limitsOf(task).invitations;
  if (clipNorm === null) throw new SecurePlanError('The plan "secure" needs a clip norm (privacy.clipNorm).');
  if (rosterMaximum > maximumRoster) {
    throw new SecurePlanError(
      `A round would invite ${rosterMaximum} devices (cohort.target x cohort.overSelection); a secure round has at most ${maximumRoster}. Lower cohort.target.`,
    );
  }
  const graph = graphOf(cohort.minimum, rosterMaximum, corrupt, dropout);
  const demand = demandOf(task, () => honestNoises(cohort.minimum, rosterMaximum, graph, corrupt, dropout));
  const encode: Encode = (standardDeviation, indicatorStandardDeviation, largestScale) => {
    const bound = contributionClipNorm(clipNorm, evaluation.scale, sections.evaluation > 0);
    const unit = evaluationUnit(clipNorm, evaluation.scale);
    const contribution = { length: sections.contribution, bits, bound, kind: 'rotated', alignment } as const;
    const metrics = { length: sections.evaluation + 1, bits: metricsBits, bound: 1, kind: 'plain' } as const;
    const onMetrics = Math.max(standardDeviation / unit, indicatorStandardDeviation);
    const whole = { maximumSummed: rosterMaximum };
    const fits = planned('privacy.secure.bits', () =>
      scaleFor({ ...contribution, ...whole, noiseStandardDeviation: standardDeviation }),
    );
    const scale = Math.min(fits, largestScale);
    const finest = planned('cohort.target', () =>
      scaleFor({ ...metrics, ...whole, noiseStandardDeviation: onMetrics }),
    );
    // Under noise a finer grid than the contribution's tells nothing more.
    const coarser = Math.min(finest, Math.max(64, Math.ceil(2 * unit * scale)));
    // Even, so that half a step up or down, which the tally of an adaptive clip norm is made of, is a point of the grid.
    const metricsScale = privacy.noise === null ? finest : 2 * Math.floor(coarser / 2);
    return {
      bits,
      scale,
      metricsBits,
      metricsScale,
      degree: graph.degree,
      threshold: graph.threshold,
      inDegreeCap: graph.inDegreeCap,
      rosterMaximum,
      corrupt: tenThousandths(corrupt),
      dropout: tenThousandths(dropout),
      phaseMilliseconds: Math.round(cohort.phaseSeconds * 1000),
      tally: privacy.noise?.adaptiveClip ? 'within-clip' : privacy.noise ? 'nothing' : 'weight',
      noise: null,
    };
  };
  if (!demand) {
    const secure = encode(0, 0, Number.POSITIVE_INFINITY);
    checkCentralNoise(task, { sections, clipNorm, evaluationScale: evaluation.scale, secure });
    return secure;
  }
  return planNoise(demand, clipNorm, rosterMaximum, (...noise) => {
    const secure = encode(...noise);
    return { secure, vector: noisyVectorOf({ sections, clipNorm, evaluationScale: evaluation.scale, secure }) };
  });
}

function checkMultipliers(task: Planned): void {
  try {
    noiseMultipliersOf(task);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new SecurePlanError(
      `The noise on the number of norms does not go with the noise multiplier: ${error.message} Raise privacy.noise.adaptiveClip.standardDeviation, or the cohort.`,
      { cause: error },
    );
  }
}

/** Of honest devices, in every sum that can be opened; null where devices add none. @throws SecurePlanError as `securePlanOf` */
export function countedNoises(task: Pick<Planned, 'cohort' | 'privacy' | 'model'>): number | null {
  const { cohort, privacy } = task;
  const plan = noisePlanOf(task);
  if (!plan || plan.placement === 'central') return null;
  if (plan.placement === 'local') return 1;
  const { corrupt, dropout } = secureSettingsOf(privacy);
  const rosterMaximum = limitsOf(task).invitations;
  const graph = graphOf(cohort.minimum, rosterMaximum, corrupt, dropout);
  return honestNoises(cohort.minimum, rosterMaximum, graph, corrupt, dropout);
}

/** Discrete noise of the coordinator has to fit the integers of its sampler. */
function checkCentralNoise(task: Planned, described: Described): void {
  const multipliers = noiseMultipliersOf(task);
  if (!multipliers || noisePlanOf(task)?.mechanism !== 'discrete-gaussian') return;
  const { secure, clipNorm, evaluationScale } = described;
  const deviation = multipliers.contribution * secureSensitivity(described);
  const onMetrics = Math.max(
    deviation / evaluationUnit(clipNorm, evaluationScale),
    multipliers.indicatorStandardDeviation ?? 0,
  );
  checkDrawable('discrete-gaussian', Math.max(deviation * secure.scale, onMetrics * secure.metricsScale));
}

/** @throws SecurePlanError where the samplers have no table for so much noise, in steps of the grid */
function checkDrawable(mechanism: keyof typeof largestDeviations, deviation: number): void {
  const most = largestDeviations[mechanism];
  if (deviation <= most) return;
  throw new SecurePlanError(
    `The noise would have a standard deviation of ${deviation.toPrecision(3)} steps of the grid; at most ${most} can be drawn as ${mechanism}. Lower privacy.secure.bits or the noise multiplier, or raise evaluation.scale.`,
  );
}

/** The grid makes room for the noise, and the noise covers what the grid adds to the clip norm: a few turns settle both. */
function planNoise(
  demand: NoiseDemand,
  clipNorm: number,
  rosterMaximum: number,
  encode: (...noise: Parameters<Encode>) => { readonly secure: SecurePlan; readonly vector: NoisyVector },
): SecurePlan {
  // With a full roster the sum has more noise than is counted on.
  const surplus = Math.sqrt(rosterMaximum / demand.noises);
  const onIndicator = surplus * (demand.indicatorStandardDeviation ?? 0);
  const most = largestDeviations[demand.mechanism];
  let largestScale = Number.POSITIVE_INFINITY;
  let { secure, vector } = encode(surplus * demand.noiseMultiplier * clipNorm, onIndicator, largestScale);
  for (let turn = 0; turn < 4; turn++) {
    const share = noiseShareOf(vector, demand);
    // A sampler whose table ends there asks for no finer grid than it can draw on: rounding is far below its noise.
    const largest = Math.max(...deviationsOfShare(share, vector.metrics.length - 1));
    if (largest > most) largestScale = (0.98 * secure.scale * most) / largest;
    ({ secure, vector } = encode(noiseOnSum(share, vector.contribution, rosterMaximum), onIndicator, largestScale));
  }
  const noise = noiseShareOf(vector, demand);
  const local = deviationsOfShare(noise, vector.metrics.length - 1);
  const least = Math.min(...local);
  if (least < leastShareDeviation) {
    throw new SecurePlanError(
      `The noise of one device would have a standard deviation of ${least.toPrecision(3)} steps; at least ${leastShareDeviation} are needed. Raise privacy.secure.bits, or the noise multiplier.`,
    );
  }
  checkDrawable(demand.mechanism, Math.max(...local));
  return { ...secure, noise };
}

/** What the noise of the devices must reach; null where they add none. */
function demandOf(task: Planned, honest: () => number): NoiseDemand | null {
  const plan = noisePlanOf(task);
  const multipliers = noiseMultipliersOf(task);
  if (!plan || !multipliers || plan.placement === 'central') return null;
  const mechanism = plan.mechanism === 'skellam' ? 'skellam' : 'discrete-gaussian';
  const { contribution: noiseMultiplier, indicatorStandardDeviation } = multipliers;
  const noises = plan.placement === 'local' ? 1 : honest();
  return { mechanism, noiseMultiplier, noises, indicatorStandardDeviation };
}

/**
 * h: the fewest noises of honest devices in a sum that can be opened, by a coordinator that counts the uploads as it likes. One
 * that follows the protocol opens at least `minimum` of them, of which so many may be corrupt.
 */
function honestNoises(
  minimum: number,
  maximum: number,
  { opened }: { readonly opened: readonly number[] | null },
  corrupt: number,
  dropout: number,
): number {
  let noises = minimum - Math.floor(corrupt * maximum + 1e-9);
  if (opened) noises = Math.min(noises, ...opened);
  else {
    for (let n = minimum; n <= maximum; n++) {
      noises = Math.min(noises, fullGraph(n, { corrupt, dropout })?.openedMinimum ?? 0);
    }
  }
  if (noises >= 1) return noises;
  throw new SecurePlanError(
    `A sum of ${minimum} to ${maximum} devices, of which ${maximum} x ${corrupt} may be corrupt, is not sure to have the noise of one honest device. Raise cohort.minimum, or lower privacy.secure.corrupt.`,
  );
}

function graphOf(minimum: number, maximum: number, corrupt: number, dropout: number) {
  const plan = graphForRange(minimum, maximum, { corrupt, dropout });
  if (plan.graph === 'infeasible') {
    throw new SecurePlanError(`No secure round of ${minimum} to ${maximum} devices can be run: ${plan.explanation}`);
  }
  const degree = plan.graph === 'full' ? maximum - 1 : plan.degree;
  if (degree > maximumDegree) {
    throw new SecurePlanError(
      `Each of up to ${maximum} devices would have ${degree} neighbours; at most ${maximumDegree} fit a message. Lower privacy.secure.corrupt or privacy.secure.dropout, or the cohort.`,
    );
  }
  return plan.graph === 'full'
    ? { degree: 0, threshold: 0, inDegreeCap: degree, opened: null }
    : { degree, threshold: plan.threshold, inDegreeCap: plan.inDegreeCap, opened: plan.openedMinimum };
}

function planned(path: string, compute: () => number): number {
  try {
    return compute();
  } catch (error) {
    if (!(error instanceof EncodingError)) throw error;
    throw new SecurePlanError(`Contributions cannot be summed as integers (${path}): ${error.message}`, {
      cause: error,
    });
  }
}

const tenThousandths = (fraction: number) => Math.round(10_000 * fraction);

type Described = Pick<RoundDescriptor, 'sections' | 'clipNorm' | 'evaluationScale'> & {
  readonly secure: Omit<SecureRoundDescription, 'identityLog'>;
};

/** How the two sections of a secure round's vector are encoded: contribution, then evaluation (in [0, 1] each) and weight. */
export function encodingsOf({
  sections,
  clipNorm,
  evaluationScale,
  secure,
}: Described): readonly [SectionEncoding, SectionEncoding] {
  if (clipNorm === null) throw new SecurePlanError('A secure round has a clip norm.');
  const { bits, scale, metricsScale } = secure;
  const { contribution, evaluation } = sections;
  const bound = contributionClipNorm(clipNorm, evaluationScale, evaluation > 0);
  return [
    { section: 0, length: contribution, bits, scale, bound, kind: 'rotated' },
    { section: 1, length: evaluation + 1, bits: secure.metricsBits, scale: metricsScale, bound: 1, kind: 'plain' },
  ];
}

/** A secure round's vector as its noise sees it. */
export function noisyVectorOf(described: Described): NoisyVector {
  const [contribution, metrics] = encodingsOf(described);
  return { contribution, metrics, metricsUnit: evaluationUnit(described.clipNorm, described.evaluationScale) };
}

/** How far one device moves contribution and evaluation of a secure round's sum at most, in L2. */
export function secureSensitivity(described: Described): number {
  return vectorSensitivity(noisyVectorOf(described));
}

/** What the machines of secure aggregation need of a signed description. @throws SecurePlanError where it is of a sealed round */
export function secureRoundOf(
  descriptor: RoundDescriptorFields,
  coordinatorKey: Uint8Array,
  population: string,
): SecureRound {
  const { secure, cohortMinimum } = descriptor;
  if (!secure) throw new SecurePlanError('The round is sealed.');
  const { degree, threshold, inDegreeCap, rosterMaximum, corrupt, dropout, identityLog } = secure;
  return {
    roundHash: hexToBytes(roundHash(descriptor)),
    coordinatorKey,
    population,
    sections: encodingsOf({ ...descriptor, secure }).map(({ length, bits }) => ({ length, bits })),
    degree,
    threshold,
    inDegreeCap,
    minimum: cohortMinimum,
    maximum: rosterMaximum,
    corrupt,
    dropout,
    identityLog,
  };
}

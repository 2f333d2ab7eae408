/** What a secure round is, computed from its task: the width and scale of its integers, its graph, and what they promise. */
import {
  EncodingError,
  graphForRange,
  hexToBytes,
  roundedSensitivity,
  type SectionEncoding,
  type SecureRound,
  scaleFor,
} from '@tributary/privacy';
import {
  contributionClipNorm,
  evaluationUnit,
  maximumDegree,
  maximumRoster,
  type RoundDescriptor,
  type RoundDescriptorFields,
  roundHash,
  type SecureRoundDescription,
  secureSettingsOf,
  type TaskDocument,
} from '@tributary/protocol';
import { limitsOf } from './limits.ts';

/** Metrics and weight are few: the widest integers cost nothing. */
export const metricsBits = 32;

/** A task whose rounds cannot be run under secure aggregation. The message has the arithmetic. */
export class SecurePlanError extends Error {
  override readonly name = 'SecurePlanError';
}

type Sections = RoundDescriptor['sections'];
type Planned = Pick<TaskDocument, 'cohort' | 'evaluation' | 'privacy'>;

/**
 * The secure part of every round's description, but for the identity log. The roster is never larger than the invitations, so
 * that the scale is for the sum of as many.
 * @throws SecurePlanError when the cohort, the fractions or the width allow no round
 */
export function securePlanOf(task: Planned, sections: Sections): Omit<SecureRoundDescription, 'identityLog'> {
  const { cohort, evaluation, privacy } = task;
  const { bits, alignment, corrupt, dropout } = secureSettingsOf(privacy);
  const rosterMaximum = limitsOf(task).invitations;
  if (privacy.clipNorm === null) throw new SecurePlanError('The plan "secure" needs a clip norm (privacy.clipNorm).');
  if (rosterMaximum > maximumRoster) {
    throw new SecurePlanError(
      `A round would invite ${rosterMaximum} devices (cohort.target x cohort.overSelection); a secure round has at most ${maximumRoster}. Lower cohort.target.`,
    );
  }
  const bound = contributionClipNorm(privacy.clipNorm, evaluation.scale, sections.evaluation > 0);
  const contribution = { length: sections.contribution, bits, bound, kind: 'rotated', alignment } as const;
  const metrics = { length: sections.evaluation + 1, bits: metricsBits, bound: 1, kind: 'plain' } as const;
  return {
    bits,
    scale: planned('privacy.secure.bits', () => scaleFor({ ...contribution, maximumSummed: rosterMaximum })),
    metricsBits,
    metricsScale: planned('cohort.target', () => scaleFor({ ...metrics, maximumSummed: rosterMaximum })),
    ...graphOf(cohort.minimum, rosterMaximum, corrupt, dropout),
    rosterMaximum,
    corrupt: tenThousandths(corrupt),
    dropout: tenThousandths(dropout),
    phaseMilliseconds: Math.round(cohort.phaseSeconds * 1000),
  };
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
    ? { degree: 0, threshold: 0, inDegreeCap: degree }
    : { degree, threshold: plan.threshold, inDegreeCap: plan.inDegreeCap };
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

/**
 * How far one device moves contribution and evaluation of a secure round's sum at most, in L2: sqrt(Delta_c^2 + u^2 Delta_e^2).
 * Delta_c is the sensitivity of the rounded contribution (PRIVACY section 4, step 3: a little above its bound), Delta_e that of
 * the evaluation's coordinates, each in [0, 1] on the grid, and u what one of them stands for (`evaluationUnit`). Rounding apart
 * it is the clip norm, which the two parts share.
 */
export function secureSensitivity(described: Described): number {
  const [contribution, metrics] = encodingsOf(described);
  const { evaluation } = described.sections;
  const measured = evaluation === 0 ? 0 : roundedSensitivity({ ...metrics, length: evaluation });
  const unit = evaluationUnit(described.clipNorm, described.evaluationScale);
  return Math.hypot(roundedSensitivity(contribution), unit * measured);
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

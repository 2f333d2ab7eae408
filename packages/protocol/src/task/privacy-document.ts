/** What a task document says of privacy: who may see what, how far one person moves a sum, and the noise. */
import * as z from 'zod/mini';
import { mechanismsOf, noisePlanOf } from './noise-plan.ts';
import { integer, positive, real } from './ranges.ts';
import type { TaskDocument } from './task-document.ts';

export const noiseSchema = z.strictObject({
  /**
   * Who adds it. `distributed`: each device its share, under the mask, so that the coordinator never sees an exact sum. `central`:
   * the coordinator, to the opened sum. `local`: each device all of it. See `noisePlanOf` for what follows where it is left out.
   */
  placement: z.optional(z.enum(['distributed', 'central', 'local'])),
  mechanism: z.optional(z.enum(['discrete-gaussian', 'skellam', 'gaussian', 'tree'])),
  /**
   * Standard deviation of the noise on the sum, over how far one person moves it. Left out, it is calibrated: the least with which
   * all rounds stay within the budget.
   */
  noiseMultiplier: z.optional(positive(10_000)),
  delta: z.number().check(z.gt(0), z.lt(1)),
  /** Epsilon that the population may be charged in all; a release past it is refused. */
  budget: positive(1_000),
  /** By which the budget refuses. */
  accountant: z._default(z.enum(['pld', 'rdp']), 'pld'),
  /** What is assumed of who takes part, and claimed. A coordinator of real devices cannot promise more than `none`. */
  sampling: z._default(
    z.discriminatedUnion('claim', [
      z.strictObject({ claim: z.literal('none') }),
      /** Each person takes part by a coin of her own: the mean of the cohort is rate x population. */
      z.strictObject({ claim: z.literal('poisson'), rate: z.number().check(z.gt(0), z.lte(1)) }),
      /** The cohort's target is drawn uniformly from the population. */
      z.strictObject({ claim: z.literal('fixed-size'), population: integer(1, 1_000_000_000) }),
    ]),
    { claim: 'none' },
  ),
  /**
   * Rounds of the task in which one person takes part at most, as each device counts by itself: what she spends is that of so many
   * rounds. Without, everybody is charged for all.
   */
  participations: z.optional(integer(1, 1_000_000)),
  /** Mechanism `tree` only: rounds of one tree, in which each person takes part once at most; all rounds unless given. */
  leaves: z.optional(integer(1, 1_000_000)),
  /** Lets the clip norm follow a quantile of the norms (Andrew et al. 2021); `privacy.clipNorm` is the first. Plan `secure` only. */
  adaptiveClip: z.optional(
    z.strictObject({
      quantile: z._default(z.number().check(z.gt(0), z.lt(1)), 0.5),
      learningRate: z._default(positive(10), 0.2),
      /** Of the noise on the number of norms below the clip norm; a twentieth of the cohort's target unless given. */
      standardDeviation: z.optional(positive(1_000_000)),
    }),
  ),
});

export const defaultSecureSettings = {
  bits: 20,
  alignment: 1,
  corrupt: 0.05,
  dropout: 0.1,
  identities: 'registry',
} as const;

export const secureSettingsSchema = z.strictObject({
  /** Width of a coordinate on the wire; an upload has about contribution x bits / 8 bytes. */
  bits: z._default(integer(8, 32), defaultSecureSettings.bits),
  /**
   * How far contributions point the same way at most: the norm of their sum over the cohort times the clip norm, as measured on
   * earlier rounds. 1 is always safe; less makes the encoding finer at the same width.
   */
  alignment: z._default(positive(1), defaultSecureSettings.alignment),
  /** Fraction of the cohort's devices that may collude with the coordinator, and fraction that may be lost in a round. */
  corrupt: z._default(real(0, 0.45), defaultSecureSettings.corrupt),
  dropout: z._default(real(0, 0.45), defaultSecureSettings.dropout),
  /** `registry`: identities stand in an append-only log. `first-use`: devices pin what they meet, and trust the roster. */
  identities: z._default(z.enum(['registry', 'first-use']), defaultSecureSettings.identities),
});

/** Fewest contributions of a secure round: below, a sum says too much about each of its members. */
export const minimumSecureCohort = 20;

export const privacySchema = z.strictObject({
  /**
   * `secure`: contributions are masked, and the coordinator sees their sum alone. `sealed`: each is encrypted to the coordinator,
   * which sees it: weaker.
   */
  plan: z._default(z.enum(['secure', 'sealed']), 'secure'),
  /** L2 bound of a contribution; null only in the plan `sealed` without noise. */
  clipNorm: z.nullable(positive(1e9)),
  noise: z._default(z.nullable(noiseSchema), null),
  /** Plan `secure` only. */
  secure: z.optional(secureSettingsSchema),
});

type Planned = Pick<TaskDocument, 'privacy' | 'model' | 'cohort'>;

/** What of the noise does not fit together, or the plan. */
export function noiseProblems(
  task: Planned,
): readonly { readonly path: readonly string[]; readonly message: string }[] {
  const { noise, clipNorm, plan } = task.privacy;
  const noisePlan = noisePlanOf(task);
  if (!noise || !noisePlan) return [];
  const problems: { path: string[]; message: string }[] = [];
  const blame = (field: string, message: string) => problems.push({ path: ['noise', field], message });
  if (clipNorm === null) {
    const message = 'expected a number: noise needs a clip norm, since it is scaled by it';
    problems.push({ path: ['clipNorm'], message });
  }
  const { placement, mechanism } = noisePlan;
  if (plan !== 'secure' && placement !== 'central') {
    blame('placement', `expected "central", or the plan "secure": "${placement}" noise is added to masked integers`);
  }
  if (!mechanismsOf(placement, plan).includes(mechanism)) {
    const known = mechanismsOf(placement, plan).join(', ');
    blame('mechanism', `expected one of ${known} for "${placement}" noise in the plan "${plan}", got ${mechanism}`);
  }
  if (noise.leaves !== undefined && mechanism !== 'tree') blame('leaves', 'expected nothing: it is for the tree');
  if (noise.participations !== undefined && (mechanism === 'tree' || noise.sampling.claim !== 'none')) {
    const message = 'expected nothing: a tree, and a claim of sampling, have a bound of their own on who takes part';
    blame('participations', message);
  }
  const { sampling } = noise;
  if (sampling.claim !== 'none' && !(placement === 'central' && mechanism === 'gaussian')) {
    blame(
      'sampling',
      `expected the claim "none": only central Gaussian noise is amplified by sampling, and the coordinator sees who takes part`,
    );
  }
  if (sampling.claim === 'fixed-size' && sampling.population < task.cohort.target) {
    blame(
      'sampling',
      `expected a population of at least cohort.target (${task.cohort.target}), got ${sampling.population}`,
    );
  }
  if (noise.adaptiveClip && noise.noiseMultiplier !== undefined) {
    // Andrew et al. 2021, theorem 1: 2 sigma_b of the tally's noise have to be more than z.
    const { standardDeviation = task.cohort.target / 20 } = noise.adaptiveClip;
    if (noise.noiseMultiplier >= 2 * standardDeviation) {
      blame(
        'adaptiveClip',
        `expected a standardDeviation above half of noiseMultiplier (${noise.noiseMultiplier}), got ${standardDeviation}`,
      );
    }
  }
  if (noise.adaptiveClip && (plan !== 'secure' || mechanism === 'tree')) {
    blame('adaptiveClip', 'expected nothing: it is for the plan "secure", and one tree has one clip norm');
  }
  return problems;
}

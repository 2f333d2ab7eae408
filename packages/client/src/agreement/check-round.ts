/**
 * Holds a task and its rounds against what this device agrees to. Checked before anything is downloaded, trained or sent; a refusal
 * is a `TributaryError` of code 'policy' that names the bound, and the round is declined.
 */
import {
  isSecondOrder,
  type ModelVersion,
  maximumRoster,
  payloadBytes,
  payloadSections,
  type RoundDescriptor,
  type SecureRoundDescription,
  type TaskSummary,
} from '@tributary/protocol';
import type { Agreement, SecureAgreement } from './agreement.ts';
import { checkNoise, checkPlacement, type NoiseContext } from './check-noise.ts';
import { refuse } from './refuse.ts';

/** The largest scale of the evaluation section that leaves room for the contribution under the common clip. */
const maximumEvaluationScale = 0.3;

/** @throws TributaryError 'policy' when the task asks for more than this device agrees to */
export function checkTask(agreement: Agreement, summary: TaskSummary, version: ModelVersion): void {
  if (!agreement.plans.includes(summary.privacyPlan)) {
    throw refuse(
      `The task's privacy plan is '${summary.privacyPlan}'; this device takes part in: ${agreement.plans.join(', ')}.`,
    );
  }
  checkPlacement(agreement.noise, summary.noise?.placement ?? null, 'task');
  if (version.parameterBytes > agreement.maximumModelBytes) {
    throw refuse(
      `The model has ${version.parameterBytes} bytes; this device takes at most ${agreement.maximumModelBytes}.`,
    );
  }
  if (summary.catalogueBytes > agreement.maximumCatalogueBytes) {
    throw refuse(
      `The catalogue has ${summary.catalogueBytes} bytes; this device takes at most ${agreement.maximumCatalogueBytes}.`,
    );
  }
  // Every item has at least one parameter: bounds what is built from the summary before its layout is compared.
  if (summary.itemCount < 1 || summary.itemCount * 4 > version.parameterBytes) {
    throw refuse(`The task names ${summary.itemCount} items for a model of ${version.parameterBytes} bytes.`);
  }
  const { kind } = summary.model;
  if (!isSecondOrder(summary.model) && summary.training.local === undefined) {
    throw refuse(`The task trains ${kind} without saying how; it must name local training settings.`);
  }
}

/** What the device knows when an invitation arrives. */
export interface RoundContext extends NoiseContext {
  readonly task: string;
  readonly protocol: number;
  readonly layoutHash: string;
  readonly contributionLayoutHash: string;
  readonly contributionSize: number;
  /** Plan that the task announces: what was shown to the person. */
  readonly plan: RoundDescriptor['plan'];
  /** Whether the task evaluates on devices. */
  readonly evaluating: boolean;
}

/** @throws TributaryError 'policy' when the round asks for more than this device agrees to, or does not fit the task */
export function checkRound(agreement: Agreement, round: RoundDescriptor, context: RoundContext): void {
  if (round.task !== context.task) throw refuse(`The round is of task '${round.task}', not of '${context.task}'.`);
  if (round.protocol !== context.protocol) {
    throw refuse(`The round speaks protocol ${round.protocol}; this session speaks ${context.protocol}.`);
  }
  if (round.round <= context.lastRound) {
    throw refuse(`Round ${round.round} does not follow round ${context.lastRound}; round numbers must rise.`);
  }
  if (!agreement.plans.includes(round.plan)) {
    throw refuse(`The round's plan is '${round.plan}'; this device takes part in: ${agreement.plans.join(', ')}.`);
  }
  if (round.plan !== context.plan) {
    throw refuse(`The round's plan is '${round.plan}'; the task's is '${context.plan}'.`);
  }
  if (round.cohortMinimum < agreement.minimumCohort) {
    throw refuse(
      `The round may be released with ${round.cohortMinimum} contribution(s); this device asks for at least ${agreement.minimumCohort}.`,
    );
  }
  if (round.cohortTarget < round.cohortMinimum) {
    throw refuse(`The round aims for ${round.cohortTarget} contributions and needs ${round.cohortMinimum}.`);
  }
  checkClip(agreement, round);
  checkNoise(agreement, round, context);
  if (round.plan === 'secure') checkSecureRound(agreement.secure, round);
  else if (round.sealingKey === null || round.secure !== null) {
    throw refuse('A round of the plan sealed has a sealing key and no secure part.');
  }
  if (round.layoutHash !== context.layoutHash || round.contributionLayoutHash !== context.contributionLayoutHash) {
    throw refuse('The round speaks of another layout than the model that this task describes.');
  }
  const { evaluation } = payloadSections(context.contributionSize, context.evaluating);
  if (round.sections.contribution !== context.contributionSize || round.sections.evaluation !== evaluation) {
    throw refuse(
      `The round's sections have ${round.sections.contribution} and ${round.sections.evaluation} elements; ` +
        `expected ${context.contributionSize} and ${evaluation}.`,
    );
  }
  const bytes = uploadBytes(round);
  if (bytes > agreement.maximumUploadBytes) {
    throw refuse(`An upload has ${bytes} bytes; this device sends at most ${agreement.maximumUploadBytes}.`);
  }
  if (round.weighting.kind === 'examples' && round.weighting.cap < 1) {
    throw refuse('The round weighs by examples with a cap below 1.');
  }
}

function checkClip({ clipNorm }: Agreement, round: RoundDescriptor): void {
  if (round.clipNorm === null) {
    if (clipNorm.required) throw refuse('The round has no clip norm; this device asks for one.');
    if (round.noiseMultiplier !== null) throw refuse('The round promises noise without a clip norm to scale it by.');
  } else if (!(round.clipNorm > 0 && round.clipNorm >= clipNorm.minimum && round.clipNorm <= clipNorm.maximum)) {
    throw refuse(
      `The round's clip norm is ${round.clipNorm}; this device takes ${clipNorm.minimum} to ${clipNorm.maximum}, above 0.`,
    );
  }
  if (!(round.evaluationScale > 0 && round.evaluationScale <= maximumEvaluationScale)) {
    throw refuse(
      `The round's evaluation scale is ${round.evaluationScale}; expected more than 0 and at most ${maximumEvaluationScale}.`,
    );
  }
}

/** What can be seen of a description; whether neighbours and threshold are safe is checked at the roster's real size. */
function checkSecureRound(agreement: SecureAgreement, round: RoundDescriptor): void {
  const { secure } = round;
  if (secure === null || round.sealingKey !== null) {
    throw refuse('A round of the plan secure has a secure part and no sealing key.');
  }
  if (round.clipNorm === null) throw refuse('A round of the plan secure needs a clip norm.');
  if (round.cohortMinimum < agreement.minimumRoster) {
    throw refuse(
      `A sum over ${round.cohortMinimum} contribution(s) may be opened; this device asks for at least ${agreement.minimumRoster}.`,
    );
  }
  checkIntegers(agreement, secure);
  if (!(secure.phaseMilliseconds > 0 && secure.phaseMilliseconds <= agreement.maximumPhaseMilliseconds)) {
    throw refuse(
      `A phase of the round lasts ${secure.phaseMilliseconds} ms; this device takes part in phases of more than 0 and at most ${agreement.maximumPhaseMilliseconds} ms.`,
    );
  }
  if (secure.rosterMaximum > maximumRoster) {
    throw refuse(`The roster may hold ${secure.rosterMaximum} devices; a secure round has at most ${maximumRoster}.`);
  }
  if (secure.rosterMaximum < round.cohortMinimum) {
    throw refuse(
      `The roster holds at most ${secure.rosterMaximum} devices, and the round needs ${round.cohortMinimum}.`,
    );
  }
  const { degree, threshold } = secure;
  const full = degree === 0 && threshold === 0;
  if (!full && !(threshold >= 2 && threshold <= degree && degree < secure.rosterMaximum)) {
    throw refuse(
      `${degree} neighbours and a threshold of ${threshold} are no graph of ${secure.rosterMaximum} devices.`,
    );
  }
  const mode = secure.identityLog === null ? 'first-use' : 'registry';
  if (!agreement.identities.includes(mode)) {
    throw refuse(
      `Identities of the round are known by '${mode}'; this device takes part with: ${agreement.identities.join(', ')}.`,
    );
  }
}

function checkIntegers({ bits }: SecureAgreement, secure: SecureRoundDescription): void {
  for (const width of [secure.bits, secure.metricsBits]) {
    if (width < bits.minimum || width > bits.maximum) {
      throw refuse(`The round's integers have ${width} bits; this device takes ${bits.minimum} to ${bits.maximum}.`);
    }
  }
  for (const scale of [secure.scale, secure.metricsScale]) {
    if (!(scale > 0 && Number.isFinite(scale))) throw refuse('The scales of the integers must be numbers above 0.');
  }
}

/** Bytes of the upload before its seal, or as it is masked. */
function uploadBytes({ sections, secure }: RoundDescriptor): number {
  if (secure === null) return payloadBytes(sections);
  const bits = sections.contribution * secure.bits + (sections.evaluation + 1) * secure.metricsBits;
  return Math.ceil(bits / 8);
}

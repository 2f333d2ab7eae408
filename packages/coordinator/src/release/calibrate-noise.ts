/** A task whose document leaves the noise multiplier open gets the least that keeps all its rounds within the budget. */
import { calibrateNoiseMultiplier, leastShareDeviation, type MechanismEvent, treeEvents } from '@tributary/privacy';
import { checkTaskDocument, noisePlanOf, type TaskDocument, treeLeavesOf } from '@tributary/protocol';
import { countedNoises } from '../round/secure-plan.ts';
import { claimedSampling } from './round-noise.ts';

/** A plan of noise that cannot be carried out. The message says what to change. */
export class NoisePlanError extends Error {
  override readonly name = 'NoisePlanError';
}

/** The document with its noise multiplier; itself where it has one, or no noise. @throws NoisePlanError where none is enough */
export function withCalibratedNoise(document: TaskDocument): TaskDocument {
  const { noise } = document.privacy;
  if (!noise || noise.noiseMultiplier !== undefined) return document;
  const { budget: epsilon, delta, accountant } = noise;
  const events = (noiseMultiplier: number) => allRounds(document, noiseMultiplier);
  try {
    const noiseMultiplier = calibrateNoiseMultiplier({ epsilon, delta, accountant, events });
    return rechecked({ ...document, privacy: { ...document.privacy, noise: { ...noise, noiseMultiplier } } });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new NoisePlanError(
      `${error.message} Raise privacy.noise.budget or privacy.noise.delta, or run fewer rounds.`,
      { cause: error },
    );
  }
}

/** As it will be read from the store: so much noise as no document may have is none. */
function rechecked(document: TaskDocument): TaskDocument {
  const check = checkTaskDocument(document);
  if (check.ok) return check.task;
  const { noiseMultiplier } = document.privacy.noise ?? {};
  const problems = check.problems.map(({ path, message }) => `${path}: ${message}`).join('; ');
  throw new NoisePlanError(
    `The budget takes a noise multiplier of ${noiseMultiplier}, which the task cannot have (${problems}). Raise privacy.noise.budget or privacy.noise.delta, or run fewer rounds.`,
  );
}

/** What the rounds of a task spend together, with a noise multiplier. */
export function allRounds(document: TaskDocument, noiseMultiplier: number): readonly MechanismEvent[] {
  // A person spends what she takes part in.
  const steps = Math.min(document.rounds, document.privacy.noise?.participations ?? document.rounds);
  const plan = noisePlanOf(document);
  const leaves = treeLeavesOf(document);
  if (!plan) return [];
  if (leaves !== null) {
    return treeEvents(noiseMultiplier, document.rounds, leaves);
  }
  if (plan.mechanism === 'skellam') return [leastSkellam(noiseMultiplier, countedNoises(document) ?? 1, steps)];
  // Of integers: the shares of devices are as one discrete Gaussian, but for a term far below what is rounded here.
  if (plan.mechanism !== 'gaussian') return [{ mechanism: 'discrete-gaussian', noiseMultiplier, steps }];
  return [{ mechanism: 'gaussian', noiseMultiplier, sampling: claimedSampling(document), steps }];
}

/**
 * The coarsest grid that a plan may have, on which Skellam noise costs most: a device's share has `leastShareDeviation` steps, so that
 * the sensitivity has as many as h of them together over z.
 */
function leastSkellam(noiseMultiplier: number, noises: number, steps: number): MechanismEvent {
  const variance = noises * leastShareDeviation ** 2;
  const sensitivity = Math.sqrt(variance) / noiseMultiplier;
  return { mechanism: 'skellam', sensitivity, sensitivityL1: sensitivity ** 2, variance, steps };
}

/** A task whose document leaves the noise multiplier open gets the least that keeps all its rounds within the budget. */
import { calibrateNoiseMultiplier, type MechanismEvent } from '@tributary/privacy';
import { noisePlanOf, type TaskDocument, treeLeavesOf } from '@tributary/protocol';
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
    return { ...document, privacy: { ...document.privacy, noise: { ...noise, noiseMultiplier } } };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new NoisePlanError(
      `${error.message} Raise privacy.noise.budget or privacy.noise.delta, or run fewer rounds.`,
      { cause: error },
    );
  }
}

/** What the rounds of a task spend together, with a noise multiplier. */
export function allRounds(document: TaskDocument, noiseMultiplier: number): readonly MechanismEvent[] {
  // A person spends what she takes part in.
  const steps = Math.min(document.rounds, document.privacy.noise?.participations ?? document.rounds);
  const plan = noisePlanOf(document);
  const leaves = treeLeavesOf(document);
  if (!plan) return [];
  if (leaves !== null) {
    const trees = Array.from({ length: Math.ceil(document.rounds / leaves) }, (_, i) =>
      Math.min(leaves, document.rounds - i * leaves),
    );
    return trees.map((count) => ({ mechanism: 'tree', noiseMultiplier, firstLeaf: 1, steps: count }));
  }
  // Of integers: the shares of devices are as one discrete Gaussian, but for a term far below what is rounded here.
  if (plan.mechanism !== 'gaussian') return [{ mechanism: 'discrete-gaussian', noiseMultiplier, steps }];
  return [{ mechanism: 'gaussian', noiseMultiplier, sampling: claimedSampling(document), steps }];
}

/** What the noise of one round's release is: what it spends, who adds it, and how much of it the sum has. */
import { type MechanismEvent, noiseOnSum, noiseShareEvent, type SamplingAssumption } from '@tributary/privacy';
import { noisePlanOf, type RoundDescriptor, type TaskDocument } from '@tributary/protocol';
import { noiseMultipliersOf } from '../round/noise-multipliers.ts';
import { noisyVectorOf, secureSensitivity } from '../round/secure-plan.ts';

export interface RoundNoise {
  /** What the release is charged. */
  readonly event: MechanismEvent;
  /** How far one device moves contribution and evaluation of the sum at most, in L2. */
  readonly sensitivity: number;
  /** `devices`: it is in the sum. `opening`: on the integers, as they are opened. `step`: on the numbers of the sum. */
  readonly addedBy: 'devices' | 'opening' | 'step';
  /** Of a coordinate of contribution and evaluation in a sum of so many devices. */
  standardDeviation(devices: number): number;
  /** Of the noise that the opening adds to the number of devices within the clip norm; null where that is not released. */
  readonly indicatorStandardDeviation: number | null;
}

/** @param leaf of the tree, counted from 1; only for a tree @throws TypeError where noise lacks its clip norm or its leaf */
export function roundNoiseOf(
  document: TaskDocument,
  descriptor: Pick<RoundDescriptor, 'sections' | 'clipNorm' | 'evaluationScale' | 'secure'>,
  leaf: number | null,
): RoundNoise | null {
  const plan = noisePlanOf(document);
  const multipliers = noiseMultipliersOf(document);
  const { clipNorm, secure } = descriptor;
  if (!plan || !multipliers) return null;
  if (clipNorm === null) throw new TypeError('A plan with noise needs a clip norm.');
  const { release: noiseMultiplier, indicatorStandardDeviation } = multipliers;
  const sensitivity = secure ? secureSensitivity({ ...descriptor, secure }) : clipNorm;
  if (secure?.noise) {
    const { noise } = secure;
    const vector = noisyVectorOf({ ...descriptor, secure });
    return {
      event: capped(document, noiseShareEvent(noise, vector)),
      sensitivity,
      addedBy: 'devices',
      standardDeviation: (devices) => noiseOnSum(noise, vector.contribution, devices),
      indicatorStandardDeviation: null,
    };
  }
  const standardDeviation = () => multipliers.contribution * sensitivity;
  const event = centralEvent(document, plan.mechanism, noiseMultiplier, leaf);
  const addedBy = event.mechanism === 'discrete-gaussian' ? 'opening' : 'step';
  return { event, sensitivity, addedBy, standardDeviation, indicatorStandardDeviation };
}

function centralEvent(
  document: TaskDocument,
  mechanism: string,
  noiseMultiplier: number,
  leaf: number | null,
): MechanismEvent {
  if (mechanism === 'discrete-gaussian') return capped(document, { mechanism, noiseMultiplier, steps: 1 });
  if (mechanism === 'tree') {
    if (leaf === null) throw new TypeError('The noise of a tree needs its leaf.');
    return { mechanism, noiseMultiplier, firstLeaf: leaf, steps: 1 };
  }
  return capped(document, { mechanism: 'gaussian', noiseMultiplier, sampling: claimedSampling(document), steps: 1 });
}

/** With the bound on how often one person takes part, where the task has one. */
function capped<Event extends Exclude<MechanismEvent, { readonly mechanism: 'tree' }>>(
  { task, privacy }: TaskDocument,
  event: Event,
): Event {
  const most = privacy.noise?.participations;
  return most === undefined ? event : { ...event, participation: { task, most } };
}

/** As events have it. Without a claim, who takes part is who is there: everybody is charged. */
export function claimedSampling({ privacy, cohort }: Pick<TaskDocument, 'privacy' | 'cohort'>): SamplingAssumption {
  const claimed = privacy.noise?.sampling ?? { claim: 'none' };
  return claimed.claim === 'fixed-size' ? { ...claimed, cohort: cohort.target } : claimed;
}

/** Holds what was charged against what the task's document says of its noise. */
import { type MechanismEvent, participationOf } from '@tributary/privacy';
import { noiseMultiplierOf, noisePlanOf, type TaskDocument } from '@tributary/protocol';
import { claimedSampling } from '../release/round-noise.ts';

/** What float64 may have rounded away. */
const tolerance = 1 - 1e-6;

/** What an event has that the task does not, as the end of a sentence; null where the two agree. */
export function chargeProblem(document: TaskDocument, event: MechanismEvent): string | null {
  const { noise } = document.privacy;
  const plan = noisePlanOf(document);
  if (!noise || !plan) return 'is of a task that adds no noise';
  const shares = { 'distributed-discrete-gaussian': 'discrete-gaussian', skellam: 'skellam' } as const;
  const isShare = event.mechanism === 'distributed-discrete-gaussian' || event.mechanism === 'skellam';
  const mechanism = isShare ? shares[event.mechanism] : event.mechanism;
  if (mechanism !== plan.mechanism || isShare !== (plan.placement !== 'central')) {
    return `is of ${event.mechanism}; the task's noise is ${plan.placement} ${plan.mechanism}`;
  }
  const cap = participationOf(event)?.most ?? null;
  const most = noise.participations ?? null;
  if (cap !== most) return `caps participation at ${cap ?? 'nothing'}; the task at ${most ?? 'nothing'}`;
  if (event.mechanism === 'gaussian') {
    const claimed = claimedSampling(document);
    if (JSON.stringify(event.sampling) !== JSON.stringify(claimed)) {
      return `claims the sampling '${event.sampling.claim}'; the task '${claimed.claim}'`;
    }
  }
  const planned = noiseMultiplierOf(noise);
  const reached = multiplierOf(event);
  return reached >= planned * tolerance ? null : `has a noise multiplier of ${reached}; the task's is ${planned}`;
}

function multiplierOf(event: MechanismEvent): number {
  switch (event.mechanism) {
    case 'distributed-discrete-gaussian':
      return (Math.sqrt(event.noises) * event.localStandardDeviation) / event.sensitivity;
    case 'skellam':
      return Math.sqrt(event.variance) / event.sensitivity;
    default:
      return event.noiseMultiplier;
  }
}

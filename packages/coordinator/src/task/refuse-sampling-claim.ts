/** Amplification by sampling is claimed only where cohorts are sampled: by no coordinator of real devices. */
import type { TaskDocument } from '@tributary/protocol';
import { NoisePlanError } from '../release/calibrate-noise.ts';

/** Real devices come when they can: no coordinator can promise that they were drawn. */
export function refuseSamplingClaim({ privacy }: Pick<TaskDocument, 'privacy'>): void {
  const claim = privacy.noise?.sampling.claim ?? 'none';
  if (claim === 'none') return;
  throw new NoisePlanError(
    `The task claims amplification by sampling (privacy.noise.sampling.claim: ${claim}), and nobody samples: who takes part is who is available, and the coordinator sees them. Leave the claim out; a simulation, which does sample, may keep it.`,
  );
}

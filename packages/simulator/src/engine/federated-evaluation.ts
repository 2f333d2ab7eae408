/** What a round's sum tells of the devices' own evaluation. */
import { evaluationUnit } from '@tributary/client/training';
import { evaluationMetrics, type RoundDescriptor, type TaskDocument } from '@tributary/protocol';
import type { FederatedEvaluation } from './result.ts';

/**
 * Means over the devices that evaluated, out of the sum alone; null where the task asks for none or nobody could. Under noise
 * the number of devices is the cohort's target, as for a coordinator: the noisy count may be far off.
 */
export function federatedEvaluationOf(
  sum: Float32Array,
  sections: RoundDescriptor['sections'],
  { privacy, evaluation, cohort }: TaskDocument,
): FederatedEvaluation | null {
  if (sections.evaluation === 0) return null;
  const unit = evaluationUnit(privacy.clipNorm, evaluation.scale);
  const of = (name: (typeof evaluationMetrics)[number]) =>
    sum[sections.contribution + evaluationMetrics.indexOf(name)] / unit;
  const devices = of('devices');
  const denominator = privacy.noise ? cohort.target : devices;
  if (denominator <= 0) return null;
  return {
    devices,
    sampledHr10: of('sampledHr10') / denominator,
    sampledNdcg10: of('sampledNdcg10') / denominator,
    fullHr10: of('fullHr10') / denominator,
    fullNdcg10: of('fullNdcg10') / denominator,
  };
}

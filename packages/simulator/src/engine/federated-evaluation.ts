/** What a round's sum tells of the devices' own evaluation. */
import { evaluationMeans } from '@tributary/coordinator/release';
import type { RoundDescriptor, TaskDocument } from '@tributary/protocol';
import type { FederatedEvaluation } from './result.ts';

/** The coordinator's means; null where the task asks for none or nobody could evaluate. */
export function federatedEvaluationOf(
  sum: Float32Array,
  descriptor: Pick<RoundDescriptor, 'sections' | 'clipNorm' | 'evaluationScale'>,
  task: TaskDocument,
): FederatedEvaluation | null {
  if (descriptor.sections.evaluation === 0) return null;
  const { devices, denominator, means } = evaluationMeans(sum, descriptor, task);
  if (denominator <= 0) return null;
  const { loss: _, ...quality } = means;
  return { devices, ...quality };
}

/** What a round's sum tells of the devices' own evaluation. */
import { evaluationMeans } from '@tributary/coordinator/release';
import type { RoundDescriptor, TaskDocument } from '@tributary/protocol';
import type { FederatedEvaluation } from './result.ts';

/** The coordinator's means; null where the task asks for none or nobody could evaluate. */
export function federatedEvaluationOf(
  sum: Float32Array,
  sections: RoundDescriptor['sections'],
  task: TaskDocument,
): FederatedEvaluation | null {
  if (sections.evaluation === 0) return null;
  const { devices, denominator, means } = evaluationMeans(sum, sections, task);
  if (denominator <= 0) return null;
  const { loss: _, ...quality } = means;
  return { devices, ...quality };
}

/** What a round's sum tells of the devices' own evaluation. */
import { evaluationMetrics, evaluationUnit, type RoundDescriptor, type TaskDocument } from '@tributary/protocol';

export type EvaluationMetric = Exclude<(typeof evaluationMetrics)[number], 'devices'>;

export interface EvaluationMeans {
  /** Devices that evaluated, as the sum says; noisy under noise. */
  readonly devices: number;
  /** What the sums were divided by: the devices that evaluated, or under noise the cohort's target. */
  readonly denominator: number;
  /** Zero where there is nobody to divide by. */
  readonly means: Readonly<Record<EvaluationMetric, number>>;
}

/** @param sum [contribution | evaluation | weight], with an evaluation section */
export function evaluationMeans(
  sum: Float32Array,
  { sections, clipNorm, evaluationScale }: Pick<RoundDescriptor, 'sections' | 'clipNorm' | 'evaluationScale'>,
  { privacy, cohort }: Pick<TaskDocument, 'privacy' | 'cohort'>,
): EvaluationMeans {
  const unit = evaluationUnit(clipNorm, evaluationScale);
  const [devices, ...sums] = evaluationMetrics.map((_, i) => sum[sections.contribution + i] / unit);
  const denominator = privacy.noise ? cohort.target : devices;
  const [, ...names] = evaluationMetrics;
  const means = names.map((name, i) => [name, denominator > 0 ? sums[i] / denominator : 0] as const);
  return { devices, denominator, means: Object.fromEntries(means) as EvaluationMeans['means'] };
}

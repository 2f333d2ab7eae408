/** An evaluation that cannot give an honest figure: broken scores, a leaking split, nobody to evaluate. */
export class EvaluationError extends Error {
  override readonly name = 'EvaluationError';
}

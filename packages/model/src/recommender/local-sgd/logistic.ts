/** Binary cross-entropy of a logit, without overflow at either end. */

/** 1 / (1 + exp(-logit)). */
export function sigmoid(logit: number): number {
  if (logit >= 0) return 1 / (1 + Math.exp(-logit));
  const growth = Math.exp(logit);
  return growth / (1 + growth);
}

/** -log sigmoid(logit) for label 1, -log(1 - sigmoid(logit)) for label 0; in nats. */
export function crossEntropy(logit: number, label: number): number {
  return Math.max(logit, 0) - logit * label + Math.log1p(Math.exp(-Math.abs(logit)));
}

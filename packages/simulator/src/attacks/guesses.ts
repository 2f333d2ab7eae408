/** From scores to guesses with abstention, and from guesses to a lower bound on epsilon. */
import { AttackError } from './attack-error.ts';
import { epsilonLowerBound } from './epsilon-bound.ts';
import type { Scored } from './roc.ts';

/** Shares of the canaries that are guessed about; fixed beforehand, as the bound needs it. */
export const guessedShares = [1, 1 / 2, 1 / 4, 1 / 8] as const;

export interface OneRunAudit {
  readonly canaries: number;
  /** Those of the share that gives the largest bound. */
  readonly guesses: number;
  readonly correct: number;
  /** Of the claim tested. */
  readonly delta: number;
  readonly confidence: number;
  /** On epsilon, at that delta, with that confidence. */
  readonly lowerBound: number;
}

/**
 * Guesses "in" for a positive score and "out" for another, surest first by the score's magnitude, for each of the shares; of their
 * bounds the largest stands, each taken at 1 - (1 - confidence) / shares, so that all of them hold together with the confidence.
 *
 * @param canaries each in by a fair coin of its own; their scores do not depend on their coins but through what was released
 * @throws AttackError without a canary
 */
export function auditOneRun(
  canaries: readonly Scored[],
  { delta, confidence = 0.95 }: { readonly delta: number; readonly confidence?: number },
): OneRunAudit {
  if (canaries.length === 0) throw new AttackError('There is no canary; expected at least one.');
  const surest = [...canaries].sort((a, b) => Math.abs(b.score) - Math.abs(a.score));
  const audits = guessedShares.map((share) => {
    const guesses = Math.ceil(share * canaries.length);
    const correct = surest.slice(0, guesses).filter(({ score, member }) => score > 0 === member).length;
    const count = { canaries: canaries.length, guesses, correct };
    const each = 1 - (1 - confidence) / guessedShares.length;
    return { ...count, delta, confidence, lowerBound: epsilonLowerBound(count, { delta, confidence: each }) };
  });
  return audits.reduce((best, audit) => (audit.lowerBound > best.lowerBound ? audit : best));
}

/** The scores less their median, so that half of them are positive, for attacks whose scores have no natural zero. */
export function aroundMedian(scores: readonly number[]): number[] {
  const sorted = [...scores].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return scores.map((score) => score - median);
}

/** The scores less the midpoint between the means of reference candidates whose membership the attack knows. */
export function aroundReferences(scores: readonly number[], references: readonly Scored[]): number[] {
  const meanOf = (of: boolean) => {
    const known = references.filter(({ member }) => member === of);
    if (known.length === 0) throw new AttackError('Expected references that are in, and such that are out.');
    return known.reduce((sum, { score }) => sum + score, 0) / known.length;
  };
  const middle = (meanOf(true) + meanOf(false)) / 2;
  return scores.map((score) => score - middle);
}

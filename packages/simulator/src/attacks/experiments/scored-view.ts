/** What scores of candidates come to: the figures by which membership attacks are compared, and their curve. */
import type { AttackName, AttackResult, Figure, Finding } from '../finding.ts';
import { auditOneRun, type OneRunAudit } from '../guesses.ts';
import { areaUnder, rocCurve, type Scored, truePositiveRateAt } from '../roc.ts';

export interface ScoredView {
  readonly attack: AttackName;
  readonly view: string;
  readonly candidates: readonly Scored[];
  readonly claim: Finding['claim'];
  readonly audit: OneRunAudit;
  /** Beside area and rates. */
  readonly figures?: readonly Figure[];
}

/** Without a claim the bound is one at this delta. */
const deltaWithoutClaim = 1e-5;

/**
 * What one run proves about epsilon, at the delta of the claim.
 *
 * @param candidates of one run, in by fair coins; a score above 0 guesses "in"
 */
export function auditAgainst(
  claim: Finding['claim'],
  candidates: readonly Scored[],
  confidence: number = 0.95,
): OneRunAudit {
  return auditOneRun(candidates, { delta: claim?.delta ?? deltaWithoutClaim, confidence });
}

export function resultOfViews(views: readonly ScoredView[]): AttackResult {
  const curves = views.map(({ attack, view, candidates }) => ({ attack, view, points: rocCurve(candidates) }));
  const findings = views.map(({ attack, view, candidates, claim, audit, figures = [] }, index): Finding => {
    const { points } = curves[index];
    const area = [
      { name: 'AUC', value: areaUnder(points) },
      { name: 'TPR at 0.1 % FPR', value: truePositiveRateAt(points, 0.001) },
      { name: 'TPR at 1 % FPR', value: truePositiveRateAt(points, 0.01) },
    ];
    const counts = [
      { name: 'right', value: audit.correct },
      { name: 'guesses', value: audit.guesses },
      { name: 'candidates', value: candidates.length },
    ];
    return { ...{ attack, view, claim, audit }, figures: [...area, ...figures, ...counts] };
  });
  return { findings, curves, promotion: [] };
}

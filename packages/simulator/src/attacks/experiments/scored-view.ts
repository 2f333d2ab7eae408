/** What scores of candidates come to: the figures by which membership attacks are compared, and their curve. */
import type { AttackName, AttackResult, Figure, Finding } from '../finding.ts';
import type { OneRunAudit } from '../guesses.ts';
import { areaUnder, rocCurve, type Scored, truePositiveRateAt } from '../roc.ts';

export interface ScoredView {
  readonly attack: AttackName;
  readonly view: string;
  readonly candidates: readonly Scored[];
  readonly claim: Finding['claim'];
  readonly audit?: OneRunAudit;
  /** Beside area and rates. */
  readonly figures?: readonly Figure[];
}

export function resultOfViews(views: readonly ScoredView[]): AttackResult {
  const curves = views.map(({ attack, view, candidates }) => ({ attack, view, points: rocCurve(candidates) }));
  const findings = views.map(({ attack, view, candidates, claim, audit = null, figures = [] }, index): Finding => {
    const { points } = curves[index];
    const area = [
      { name: 'AUC', value: areaUnder(points) },
      { name: 'TPR at 0.1 % FPR', value: truePositiveRateAt(points, 0.001) },
      { name: 'TPR at 1 % FPR', value: truePositiveRateAt(points, 0.01) },
    ];
    return { ...{ attack, view, claim, audit }, figures: [...area, ...figures, countOf(candidates)] };
  });
  return { findings, curves, promotion: [] };
}

function countOf(candidates: readonly Scored[]): Figure {
  return { name: 'candidates', value: candidates.length };
}

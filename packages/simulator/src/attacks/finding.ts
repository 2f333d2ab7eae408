/** What an attack found, in the one shape in which all of them report. */
import type { OneRunAudit } from './guesses.ts';
import type { RocPoint } from './roc.ts';

export const attackNames = ['reconstruction', 'membership', 'likelihood-ratio', 'audit', 'poisoning'] as const;
export type AttackName = (typeof attackNames)[number];

export interface Figure {
  readonly name: string;
  readonly value: number;
}

/** One attack with one view. */
export interface Finding {
  readonly attack: AttackName;
  /** What the adversary has seen. */
  readonly view: string;
  readonly figures: readonly Figure[];
  /** What the task claims against that view; null: nothing. */
  readonly claim: { readonly epsilon: number; readonly delta: number } | null;
  /** The bound on epsilon that the attack proves; null where it proves none. */
  readonly audit: OneRunAudit | null;
}

/**
 * `holds`: the bound does not exceed the claim. `refuted`: it does, so the claim is wrong, or the one run in 1 / (1 - confidence) has
 * come up. `no-claim`: there is nothing to compare the bound with. `reported`: the attack has figures only.
 */
export type Verdict = 'holds' | 'refuted' | 'no-claim' | 'reported';

export function verdictOf({ claim, audit }: Pick<Finding, 'claim' | 'audit'>): Verdict {
  if (audit === null) return 'reported';
  if (claim === null) return 'no-claim';
  return audit.lowerBound > claim.epsilon ? 'refuted' : 'holds';
}

/** An attack's receiver operating characteristic with one view. */
export interface Curve {
  readonly attack: AttackName;
  readonly view: string;
  readonly points: readonly RocPoint[];
}

/** A point of the poisoning plot. */
export interface PromotionPoint {
  readonly optimizer: string;
  readonly clipNorm: number | null;
  /** Dishonest devices among all, in [0, 1). */
  readonly fraction: number;
  /** Share of the honest who do not have the target and find it among their ten; in [0, 1]. */
  readonly targetHitRate: number;
  /** HR@10, full ranking, of honest people's own held-out items; in [0, 1]. */
  readonly quality: number;
}

export interface AttackResult {
  readonly findings: readonly Finding[];
  readonly curves: readonly Curve[];
  readonly promotion: readonly PromotionPoint[];
}

export function joinResults(results: readonly AttackResult[]): AttackResult {
  return {
    findings: results.flatMap(({ findings }) => findings),
    curves: results.flatMap(({ curves }) => curves),
    promotion: results.flatMap(({ promotion }) => promotion),
  };
}

/** Attacks by name, one after the other, against one task. */
import { runAudit } from './experiments/audit.ts';
import { runLikelihoodRatio } from './experiments/likelihood-ratio.ts';
import { runMembership } from './experiments/membership.ts';
import { runPoisoning } from './experiments/poisoning.ts';
import { runReconstruction } from './experiments/reconstruction.ts';
import type { AttackSetting } from './experiments/setting.ts';
import { type AttackName, type AttackResult, joinResults } from './finding.ts';

export interface AttackOptions {
  readonly attacks: readonly AttackName[];
  /** Of the audit, with a coin each. */
  readonly canaries: number;
  /** Called before each. */
  readonly onAttack?: (attack: AttackName) => void;
}

/** @throws SimulationError, AttackError where an attack cannot be made on the task or the data; the signal's reason on an abort */
export async function runAttacks(setting: AttackSetting, options: AttackOptions): Promise<AttackResult> {
  const experiments: Readonly<Record<AttackName, () => Promise<AttackResult>>> = {
    reconstruction: () => runReconstruction(setting),
    membership: () => runMembership(setting),
    'likelihood-ratio': () => runLikelihoodRatio(setting),
    audit: () => runAudit(setting, { canaries: options.canaries }),
    poisoning: () => runPoisoning(setting),
  };
  const results: AttackResult[] = [];
  for (const attack of options.attacks) {
    options.onAttack?.(attack);
    results.push(await experiments[attack]());
  }
  return joinResults(results);
}

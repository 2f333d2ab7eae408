/** Attacks a plan on a data set, shows what was found, and fails where a claim does not stand. */
import { checkTaskDocument, type TaskDocument } from '@tributary/protocol';
import {
  type AttackResult,
  attackTable,
  promotionTable,
  runAttacks,
  verdictOf,
  writeAttackReport,
} from '@tributary/simulator';
import { loadData, syntheticName } from '../data/load-data.ts';
import { makeSplit } from '../data/make-split.ts';
import { demoTask } from '../demo/plan.ts';
import { CommandError } from '../exit/command-error.ts';
import type { Output } from '../output/output.ts';
import { textTable } from '../output/table.ts';
import { unwrittenReport } from '../output/unwritten-report.ts';
import { softwareVersion } from '../software-version.ts';
import { readTaskFile } from '../task/task-file.ts';
import { type AttackName, attackNames } from './attack-names.ts';

export interface AuditCommandOptions {
  readonly plan?: string;
  readonly data: string;
  readonly users: number;
  readonly attacks?: readonly AttackName[];
  readonly canaries: number;
  /** Epsilon that noise is calibrated to; 0 for none. */
  readonly noise?: number;
  readonly rounds?: number;
  readonly seed?: number;
  readonly workers: number;
  readonly out?: string;
}

/** Of the demo's plan. */
const demoRounds = 20;

/** @throws CommandError `refuted` where a lower bound exceeds the claim: the result is written all the same */
export async function runAudit(options: AuditCommandOptions, output: Output, signal: AbortSignal): Promise<void> {
  const task = await plannedTask(options);
  const seed = options.seed ?? task.seed;
  const users = options.data === syntheticName ? { users: options.users } : {};
  const dataset = await loadData(options.data, { seed: task.seed, ...users });
  const split = await makeSplit(options.data, dataset, {
    kind: 'time',
    purpose: 'test',
    seed: task.seed,
    negatives: task.evaluation.negatives,
  });
  output.note(`${task.task} on ${dataset.name}: ${split.train.userCount} users, ${split.train.itemCount} items`);
  const started = performance.now();
  const found = await runAttacks(
    { task, dataset, split, seed, workers: options.workers, signal },
    {
      attacks: options.attacks ?? attacksOn(task, output),
      canaries: options.canaries,
      onAttack: (attack) => output.note(`${attack} …`),
    },
  );
  const { header, rows } = attackTable(found.findings);
  output.result(textTable(header, rows, [0, 1, 2, 5]));
  if (found.promotion.length > 0) {
    const promotion = promotionTable(found.promotion);
    output.result(`\n${textTable(promotion.header, promotion.rows)}`);
  }
  const { out } = options;
  const unwritten = await unwrittenReport(async () => {
    if (out === undefined) return;
    const files = await writeAttackReport(out, found);
    output.note(`report: ${Object.values(files).filter(Boolean).join(', ')}`);
  });
  output.data({
    data: { name: dataset.name, users: split.train.userCount, items: split.train.itemCount },
    plan: task,
    seed,
    version: softwareVersion,
    seconds: (performance.now() - started) / 1000,
    findings: found.findings.map((finding) => ({ ...finding, verdict: verdictOf(finding) })),
    promotion: found.promotion,
  });
  if (unwritten) throw unwritten;
  expectClaimsToHold(found);
}

/** All that can be made. */
function attacksOn({ model }: TaskDocument, output: Output): readonly AttackName[] {
  if (model.kind !== 'neumf') return attackNames;
  output.note('Without reconstruction: contributions of neumf have neither item biases nor counts to tell items by.');
  return attackNames.filter((name) => name !== 'reconstruction');
}

/** @throws CommandError `refuted` */
export function expectClaimsToHold({ findings }: AttackResult): void {
  const refuted = findings.filter((finding) => verdictOf(finding) === 'refuted');
  if (refuted.length === 0) return;
  const found = refuted.map(
    ({ view, claim, audit }) => `from the ${view} at least ${audit?.lowerBound.toFixed(2)}, claimed ${claim?.epsilon}`,
  );
  throw new CommandError('refuted', `The epsilon that the plan claims does not hold: ${found.join('; ')}.`, {
    advice: 'One audit in twenty says so by chance: run it again with other seeds. If it stays, the claim is wrong.',
    resultWritten: true,
  });
}

async function plannedTask({ plan, users, rounds, noise }: AuditCommandOptions): Promise<TaskDocument> {
  const planned =
    plan === undefined
      ? demoTask({ devices: users, rounds: demoRounds, seed: 1, privacy: 'secure' })
      : (await readTaskFile(plan)).task;
  const task = { ...planned, ...(rounds !== undefined && { rounds }) };
  return noise === undefined ? task : withNoise(task, noise);
}

/** The plan's placement and mechanism where it has noise, else those that follow from its aggregation. */
function withNoise(task: TaskDocument, epsilon: number): TaskDocument {
  const { noiseMultiplier: _calibrated, ...planned } = task.privacy.noise ?? { delta: 1e-5 };
  const noise = epsilon === 0 ? null : { ...planned, budget: epsilon };
  const checked = checkTaskDocument({ ...task, privacy: { ...task.privacy, noise } });
  if (checked.ok) return checked.task;
  throw new CommandError('input', `The plan cannot have noise for epsilon ${epsilon}.`, {
    problems: checked.problems.map(({ path, message }) => ({ path, message, line: null })),
  });
}

/**
 * Poisoning by item promotion: a share of the devices trains on what its people have and the target, contributes the target's rows
 * alone, many times over, and is clipped as any other. Reported against the clip norm and the server optimizer; no promise is tested.
 */
import { seededRandom } from '@tributary/model';
import { recommenderSpecificationOf, type TaskDocument } from '@tributary/protocol';
import { buildRecommender } from '../../engine/build-recommender.ts';
import { streamOf } from '../../engine/streams.ts';
import type { AttackResult, Finding, PromotionPoint } from '../finding.ts';
import { drawDishonest, leastPopularItem, targetHitRate, withTarget } from '../promotion.ts';
import { type AttackSetting, runOnce } from './setting.ts';

export interface PoisoningOptions {
  /** Shares of dishonest devices, each in [0, 1). Default 0, 0.01, 0.05, 0.1. */
  readonly fractions?: readonly number[];
  /**
   * Clip norms over the plan's. Default a quarter, one and four; none at all beside them where the plan could do without. Nothing is
   * varied in a plan that has none.
   */
  readonly clipFactors?: readonly number[];
  /** Default the plan's own, and FedAdam at 0.02. */
  readonly optimizers?: readonly TaskDocument['optimizer'][];
  /** Index of the item. Default the least popular one. */
  readonly target?: number;
}

/** What a lie is multiplied by before its device clips it. */
const boost = 1e3;

const adam = { kind: 'fedadam', learningRate: 0.02, beta1: 0.9, beta2: 0.99, tau: 1e-3 } as const;

/** @throws SimulationError, AttackError where the task cannot be run on the data, or a fraction is none */
export async function runPoisoning(setting: AttackSetting, options: PoisoningOptions = {}): Promise<AttackResult> {
  const { task, split } = setting;
  const { fractions = [0, 0.01, 0.05, 0.1], clipFactors = [0.25, 1, 4] } = options;
  const { optimizers = [task.optimizer, adam], target = leastPopularItem(split) } = options;
  const { clipNorm } = task.privacy;
  const clipNorms = clipNorm === null ? [null] : [...clipFactors.map((factor) => factor * clipNorm), ...none(task)];
  const promotion: PromotionPoint[] = [];
  const findings: Finding[] = [];
  for (const optimizer of optimizers) {
    for (const norm of clipNorms) {
      const varied = { ...task, optimizer, privacy: { ...task.privacy, clipNorm: norm } };
      const points: PromotionPoint[] = [];
      for (const fraction of fractions) points.push(await promote(setting, varied, target, fraction));
      promotion.push(...points);
      findings.push(findingOf(optimizer.kind, norm, points));
    }
  }
  return { findings, curves: [], promotion };
}

/** No clip norm, where neither integers nor noise need one. */
function none({ privacy }: TaskDocument): readonly null[] {
  return privacy.plan === 'sealed' && privacy.noise === null ? [null] : [];
}

async function promote(
  setting: AttackSetting,
  task: TaskDocument,
  target: number,
  fraction: number,
): Promise<PromotionPoint> {
  const { dataset, seed } = setting;
  const { userCount, itemCount } = setting.split.train;
  // One order of the users for all fractions: who is dishonest at one is so at the next.
  const users = drawDishonest(userCount, fraction, seededRandom(seed, 1000));
  const split = withTarget(setting.split, users, target);
  const lie = { kind: 'scaled', factor: boost, item: target } as const;
  const run = await runOnce(setting, {
    ...{ task, dataset, split, seed },
    dishonest: new Map(users.map((user) => [user, lie])),
  });
  const recommender = await buildRecommender(recommenderSpecificationOf(task, itemCount));
  const dishonest = new Set(users);
  const honest = Array.from({ length: userCount }, (_, user) => user).filter((user) => !dishonest.has(user));
  const random = (user: number) => streamOf(seed, 'scoring', 0, userCount, user);
  return {
    optimizer: task.optimizer.kind,
    clipNorm: task.privacy.clipNorm,
    fraction,
    targetHitRate: targetHitRate(recommender.bind(run.parameters), split, honest, target, random),
    quality: run.quality.federated.full['hr@10'],
  };
}

function findingOf(optimizer: string, clipNorm: number | null, points: readonly PromotionPoint[]): Finding {
  const clipped = clipNorm === null ? 'no clip norm' : `clip norm ${clipNorm}`;
  return {
    attack: 'poisoning',
    view: `${optimizer}, ${clipped}`,
    figures: points.map(({ fraction, targetHitRate: value }) => ({
      name: `target HR@10 at ${+(100 * fraction).toFixed(2)} %`,
      value,
    })),
    claim: null,
    audit: null,
  };
}

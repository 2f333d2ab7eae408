/**
 * The one-run audit: canaries in or out by fair coins, guessed from the released models (black box) and from the opened sums (white
 * box). A lower bound on epsilon that exceeds the claim refutes it; without noise the audit must find one well above zero.
 */
import { roundNoiseOf } from '@tributary/coordinator/release';
import { seededRandom } from '@tributary/model';
import { contributionClipNorm, recommenderSpecificationOf, type TaskDocument } from '@tributary/protocol';
import { buildRecommender } from '../../engine/build-recommender.ts';
import type { SimulatedRelease } from '../../engine/options.ts';
import { canaryContribution, plantCanaries, tossCoins, withMembers } from '../canaries.ts';
import { type OpenedSum, scoresByModels, scoresBySums } from '../canary-scores.ts';
import type { AttackResult } from '../finding.ts';
import { aroundReferences } from '../guesses.ts';
import { auditAgainst, resultOfViews, type ScoredView } from './scored-view.ts';
import { type AttackSetting, claimOf, peopleWithData, runOnce, withCoins } from './setting.ts';

export interface AuditOptions {
  /** Canaries with a coin; >= 1. Default 100: with all of them right no bound exceeds 3.1, with 1,000 none exceeds 5.4. */
  readonly canaries?: number;
  /** In (0, 1). Default 0.95. */
  readonly confidence?: number;
}

/** Canaries whose membership the auditor knows, half of them in: they tell it what scores mean. */
const references = 20;

/** A canary's contribution over the clip norm before its device clips it: the clip norm may adapt, and the canary follows it. */
const excess = 1e3;

/** @throws SimulationError, AttackError where the task cannot be run on the data with canaries in it */
export async function runAudit(setting: AttackSetting, options: AuditOptions = {}): Promise<AttackResult> {
  const { canaries: count = 100, confidence = 0.95 } = options;
  const planted = plantCanaries(setting.dataset, setting.split, count + references);
  const coins = tossCoins(count, seededRandom(setting.seed, 1));
  const known = Array.from({ length: references }, (_, index) => index % 2 === 0);
  const others = peopleWithData(setting.split) + references / 2;
  const task = withCoins(setting.task, others, count, peopleWithData(planted.split));
  const recommender = await buildRecommender(recommenderSpecificationOf(task, planted.split.train.itemCount));

  const { clipNorm, noise } = task.privacy;
  const norm = clipNorm === null ? 1 : excess * clipNorm;
  const signs = seededRandom(setting.seed, 2);
  const crafted = planted.canaries.map((canary) =>
    canaryContribution(recommender.contributionLayout, canary, norm, signs),
  );
  const canaries = planted.canaries.map((canary, index) => ({ ...canary, row: crafted[index].row }));
  const users = canaries.map(({ user }) => user);
  const within = [...coins, ...known];
  const present = users.flatMap((user, index) =>
    within[index] ? [[user, { kind: 'crafted', contribution: crafted[index].contribution }] as const] : [],
  );
  const standIn = noise?.sampling.claim === 'fixed-size' ? setting.split.train.items.slice(0, 1) : new Uint32Array(0);
  const releases: SimulatedRelease[] = [];
  const run = await runOnce(setting, {
    task,
    dataset: planted.dataset,
    split: withMembers(planted.split, users, within, standIn),
    seed: setting.seed,
    dishonest: new Map(present),
    onRelease: (release) => void releases.push(release),
  });

  const sums = releases.map((release, index) => openedSum(run.task, release, index));
  const bySums = scoresBySums(recommender.contributionLayout, sums, canaries, attendanceOf(task, others + count / 2));
  const [first, last] = [releases[0].before, releases[releases.length - 1].after];
  const byModels = scoresByModels(recommender, first, last, canaries);
  const referenceScores = known.map((member, index) => ({ score: byModels[count + index], member }));
  const claim = claimOf(run.privacy.claims, 'readers');
  const views = [
    ['released models', aroundReferences(byModels.slice(0, count), referenceScores)],
    ['opened sums', bySums.slice(0, count)],
  ] as const;
  return resultOfViews(
    views.map(([view, scores]): ScoredView => {
      const candidates = scores.map((score, index) => ({ score, member: coins[index] }));
      const audit = auditAgainst(claim, candidates, confidence);
      return { attack: 'audit', view, candidates, claim, audit };
    }),
  );
}

/** How probably a person who is there takes part in a round, of so many on average. */
function attendanceOf({ privacy, cohort }: TaskDocument, people: number): number {
  const sampling = privacy.noise?.sampling;
  return sampling?.claim === 'poisson' ? sampling.rate : Math.min(1, cohort.target / people);
}

function openedSum(task: TaskDocument, { descriptor, sum, contributors }: SimulatedRelease, index: number): OpenedSum {
  const noise = roundNoiseOf(task, descriptor, (index % (task.privacy.noise?.leaves ?? task.rounds)) + 1);
  const { clipNorm, evaluationScale } = descriptor;
  return {
    sum,
    contributionClipNorm:
      clipNorm === null ? null : contributionClipNorm(clipNorm, evaluationScale, task.evaluation.federated),
    noiseStandardDeviation: noise?.standardDeviation(contributors.length) ?? 0,
  };
}

/**
 * Interaction reconstruction by the signs of item rows: from one update in the clear, from the same update as it leaves a device under
 * masks, and from the sum of the first round, where only what one device alone had is looked for.
 */
import { encodeForSum, holdOutLatest, sectionEncodings, trainForRound } from '@tributary/client/training';
import { withCalibratedNoise } from '@tributary/coordinator/release';
import { accumulateContribution, historyOf, type Recommender, type Split } from '@tributary/model';
import {
  decodeSum,
  frame,
  hexToBytes,
  keystreamRandom,
  maskVector,
  packedLength,
  sha256,
  u32le,
  unpackValues,
} from '@tributary/privacy';
import { recommenderSpecificationOf, roundHash, type TaskDocument } from '@tributary/protocol';
import { buildRecommender } from '../../engine/build-recommender.ts';
import type { SimulatedRelease } from '../../engine/options.ts';
import { streamOf } from '../../engine/streams.ts';
import { AttackError } from '../attack-error.ts';
import type { AttackResult, Finding } from '../finding.ts';
import { areaUnder, rocCurve } from '../roc.ts';
import {
  type Confusion,
  compare,
  deviationFromChance,
  f1,
  f1AtChance,
  itemSigns,
  pooled,
  signSplit,
  takeHighest,
} from '../sign-split.ts';
import { type AttackSetting, claimOf, runOnce } from './setting.ts';

export interface ReconstructionOptions {
  /** Devices of the first round whose updates are attacked one by one, at most. Default 50. */
  readonly devices?: number;
}

/** @throws SimulationError; AttackError for a recommender whose contributions have neither item biases nor counts */
export async function runReconstruction(
  setting: AttackSetting,
  { devices = 50 }: ReconstructionOptions = {},
): Promise<AttackResult> {
  const noisy = firstRoundOf(setting.task);
  const { noise, ...privacy } = noisy.privacy;
  const exact: TaskDocument = { ...noisy, privacy: { ...privacy, noise: null } };
  const recommender = await buildRecommender(recommenderSpecificationOf(exact, setting.split.train.itemCount));
  expectSigns(recommender);
  const attacked = { recommender, split: setting.split, seed: setting.seed };
  const open = await releaseOf(setting, exact);
  const singles = updatesOf(attacked, exact, open, devices);
  const findings: Finding[] = [
    finding('one update in the clear', pooled(singles.map(({ own, dense }) => split(recommender, own, dense))), []),
  ];
  if (exact.privacy.plan === 'secure') {
    const masked = singles.map(({ own, masked }) => split(recommender, own, masked));
    findings.push(finding('one masked upload', pooled(masked), []));
  }
  findings.push(...rareItems(attacked, exact, open, 'first sum without noise, items of one device'));
  if (noise) {
    const released = await releaseOf(setting, noisy);
    findings.push(...rareItems(attacked, noisy, released, 'first sum with noise, items of one device'));
  }
  return { findings, curves: [], promotion: [] };
}

interface Attacked {
  readonly recommender: Recommender;
  readonly split: Split;
  readonly seed: number;
}

interface FirstRelease extends SimulatedRelease {
  readonly claim: Finding['claim'];
}

/** One round, with as much noise as all of them together are calibrated for. */
function firstRoundOf(task: TaskDocument): TaskDocument {
  return { ...withCalibratedNoise(task), rounds: 1 };
}

async function releaseOf(setting: AttackSetting, task: TaskDocument): Promise<FirstRelease> {
  const { dataset, split, seed } = setting;
  const releases: SimulatedRelease[] = [];
  const run = await runOnce(setting, {
    ...{ task, dataset, split, seed },
    onRelease: (release) => void releases.push(release),
  });
  return { ...releases[0], claim: claimOf(run.privacy.claims, 'coordinator') };
}

function expectSigns({ contributionLayout, name }: Recommender): void {
  if (contributionLayout.tensors.some((tensor) => tensor.name === 'item-biases' || tensor.name === 'counts')) return;
  throw new AttackError(
    `Contributions of ${name} have neither item biases nor counts; expected one of them, whose signs tell items apart.`,
  );
}

/** Items that a device of the task trains on. */
function ownItems({ split }: Attacked, { evaluation }: TaskDocument, user: number): ReadonlySet<number> {
  return new Set(holdOutLatest({ items: historyOf(split.train, user) }, evaluation.federated).train.items);
}

/** What devices of the round contributed, in the clear and under a mask; without one under the plan `sealed`. */
function updatesOf(
  attacked: Attacked,
  task: TaskDocument,
  { descriptor, contributors, before }: SimulatedRelease,
  devices: number,
) {
  const { recommender, split, seed } = attacked;
  const bound = recommender.bind(before);
  const { sections, clipNorm, evaluationScale, round } = descriptor;
  const hash = hexToBytes(roundHash(descriptor));
  return Array.from(contributors.subarray(0, devices), (user) => {
    const update = trainForRound({
      bound,
      layoutSizes: { items: recommender.itemCount, contribution: sections.contribution },
      history: { items: historyOf(split.train, user) },
      plan: { clipNorm, evaluationScale, weighting: task.weighting, evaluation: task.evaluation },
      random: streamOf(seed, 'training', round, split.train.userCount, user),
    });
    const dense = new Float32Array(sections.contribution);
    accumulateContribution(update.contribution, update.factor, dense);
    const own = ownItems(attacked, task, user);
    if (!descriptor.secure) return { own, dense, masked: dense };
    const secret = (purpose: string) =>
      sha256(frame(`tributary/simulation/${purpose}`, u32le(seed), hash, u32le(user)));
    const encodings = sectionEncodings(descriptor);
    const values = encodeForSum(update, descriptor, hash, keystreamRandom(secret('attacked-rounding')));
    const vector = maskVector(values, encodings, [{ seed: secret('attacked-mask'), sign: 1 }]);
    const { length, bits } = encodings[0];
    const integers = unpackValues(vector.subarray(0, packedLength(length, bits)), length, bits);
    return { own, dense, masked: decodeSum(integers, encodings[0], hash).values };
  });
}

function split({ contributionLayout, itemCount }: Recommender, own: ReadonlySet<number>, delta: Float32Array) {
  return compare(signSplit(contributionLayout, delta), own, itemCount);
}

/** Items that one contributor had, against those that none had: nothing hides them but noise. */
function rareItems(
  attacked: Attacked,
  task: TaskDocument,
  { contributors, sum, claim }: FirstRelease,
  view: string,
): Finding[] {
  const { recommender } = attacked;
  const owners = new Uint32Array(recommender.itemCount);
  for (const user of contributors) for (const item of ownItems(attacked, task, user)) owners[item] += 1;
  const looked = Array.from(owners.keys()).filter((item) => owners[item] <= 1);
  const alone = new Set(looked.filter((item) => owners[item] === 1));
  // Where everybody has everything, or nobody anything, there is nothing to tell apart.
  if (alone.size === 0 || alone.size === looked.length) return [];
  const { contributionLayout } = recommender;
  const signs = itemSigns(contributionLayout, sum.subarray(0, contributionLayout.size));
  const curve = rocCurve(looked.map((item) => ({ score: signs[item], member: alone.has(item) })));
  const confusion = compare(takeHighest(signs, looked, alone.size), alone, looked.length);
  return [{ ...finding(view, confusion, [{ name: 'AUC', value: areaUnder(curve) }]), claim }];
}

function finding(view: string, confusion: Confusion, more: Finding['figures']): Finding {
  return {
    attack: 'reconstruction',
    view,
    figures: [
      { name: 'F1', value: f1(confusion) },
      { name: 'F1 at chance', value: f1AtChance(confusion) },
      { name: 'deviations from chance', value: deviationFromChance(confusion) },
      ...more,
    ],
    claim: null,
    audit: null,
  };
}

/** The rounds of one simulation, one after the other, from the first version of the model to the last. */
import type { Accumulator } from '@tributary/coordinator/aggregation';
import type { QualityReport, Recommender, SeededRandom } from '@tributary/model';
import type { LedgerEntry } from '@tributary/privacy';
import type { RoundDescriptor, RoundDescriptorFields, TaskDocument } from '@tributary/protocol';
import { type AggregatedRound, sumIntegers, sumMasked, sumSealed } from './aggregate.ts';
import {
  type Attendance,
  attendBySampling,
  attendRound,
  attendSecureRound,
  type SecureAttendance,
} from './attendance.ts';
import type { CheckedOptions } from './checked-options.ts';
import { descriptorOf } from './descriptor.ts';
import { federatedEvaluationOf } from './federated-evaluation.ts';
import type { SimulatedRelease, SimulationProgress } from './options.ts';
import { hashOf, type Releases, startReleases } from './release.ts';
import type { PrivacySpend, RoundRecord } from './result.ts';
import { type SecurePopulation, securePopulation } from './secure-population.ts';
import { streamOf } from './streams.ts';
import type { ScoredModel } from './worker-setting.ts';
import type { WorkerThreads } from './worker-threads.ts';

/** Rounds that may be abandoned one after the other before a simulation gives up; a coordinator would go on for ever. */
const mostAbandonedInARow = 20;

export interface SimulationParts {
  readonly task: TaskDocument;
  readonly checked: CheckedOptions;
  /** All users of the data set. */
  readonly users: number;
  readonly recommender: Recommender;
  readonly sections: RoundDescriptor['sections'];
  /** In shared memory; holds the last version at the end. */
  readonly parameters: Float32Array;
  readonly places: readonly Float32Array[];
  readonly threads: WorkerThreads;
  readonly accumulator: Accumulator;
  readonly rank: (
    model: ScoredModel,
    progress: (done: number, total: number) => SimulationProgress,
  ) => Promise<QualityReport>;
  readonly onProgress: (progress: SimulationProgress) => void;
  readonly onRelease?: ((release: SimulatedRelease) => void) | undefined;
}

export interface RoundsOutcome {
  readonly rounds: readonly RoundRecord[];
  readonly stopped: string | null;
  /** Of the last version. */
  readonly quality: QualityReport;
  /** Number of the last version. */
  readonly version: number;
  readonly privacy: PrivacySpend;
  readonly ledger: readonly LedgerEntry[];
}

/** Ends after the task's rounds, at a refused charge, at a step that is not finite, or when rounds are abandoned for good. */
export async function runRounds(parts: SimulationParts): Promise<RoundsOutcome> {
  const { task, checked, recommender, sections, parameters, rank, onProgress } = parts;
  const total = task.rounds;
  const releases = await startReleases(task, recommender, checked.seed);
  const people = task.privacy.plan === 'secure' ? securePopulation(task.population, parts.users, checked.seed) : null;
  const rounds: RoundRecord[] = [];
  let stopped: string | null = null;
  let closed = 0;
  let abandonedInARow = 0;
  let ranked: { readonly version: number; readonly quality: QualityReport } | null = null;
  parameters.set(recommender.initialise(checked.seed));

  // Versions are counted by closed rounds; `closed` is also the number of the version in `parameters`.
  const rankVersion = async (): Promise<QualityReport> => {
    if (ranked?.version === closed) return ranked.quality;
    const quality = await rank({ kind: 'parameters', version: closed }, (done, of) => ({
      kind: 'evaluation',
      round: closed,
      rounds: total,
      done,
      total: of,
    }));
    ranked = { version: closed, quality };
    return quality;
  };

  for (let round = 1; closed < total && stopped === null; round++) {
    const started = performance.now();
    const random = streamOf(checked.seed, 'cohort', round, parts.users);
    const { isExhausted, ...next } = releases.next(round);
    const attended = attend(round, task, checked, people !== null, isExhausted, random);
    const { attendance } = attended;
    const record = { round, invited: attendance.invited, dropped: attendance.dropped };
    const abandon = async (reason: string) => {
      rounds.push({ ...record, ...nothing, reason, epsilon: await epsilonOf(releases) });
      onProgress({ kind: 'round', round: closed, rounds: total, outcome: 'abandoned', quality: null });
      abandonedInARow += 1;
      if (abandonedInARow === mostAbandonedInARow) {
        stopped = `${mostAbandonedInARow} rounds in a row were abandoned, the last because ${reason}`;
      }
    };
    if (attendance.state.phase === 'abandoned') {
      await abandon(attendance.state.reason ?? '');
      continue;
    }
    const version = { model: hashOf(parameters), recommender };
    const descriptor = descriptorOf(task, sections, round, version, people?.log, next);
    const progress = (done: number, of: number) =>
      onProgress({ kind: 'training', round: closed + 1, rounds: total, done, total: of });
    const aggregated = await aggregate(parts, attended, people, releases, { version: closed, descriptor }, progress);
    if (aggregated.kind === 'abandoned') {
      await abandon(aggregated.reason);
      continue;
    }
    abandonedInARow = 0;
    const { loss, clipped, contributions, alignment, secure } = aggregated;
    const outcome = await releases.release(descriptor, parameters, aggregated.sum, attendance.contributors);
    const trained = performance.now();
    if (outcome.kind !== 'released') {
      stopped = outcome.reason;
      rounds.push({ ...record, ...nothing, reason: outcome.reason, epsilon: await epsilonOf(releases) });
      onProgress({ kind: 'round', round: closed, rounds: total, outcome: 'abandoned', quality: null });
      break;
    }
    parts.onRelease?.({
      descriptor,
      contributors: attendance.contributors.slice(),
      sum: outcome.sum.slice(),
      before: parameters.slice(),
      after: outcome.parameters.slice(),
    });
    parameters.set(outcome.parameters);
    closed += 1;
    const due = closed === total || (checked.evaluateEvery > 0 && closed % checked.evaluateEvery === 0);
    const quality = due ? await rankVersion() : null;
    rounds.push({
      ...record,
      outcome: 'closed',
      reason: '',
      contributions,
      loss,
      clipped: task.privacy.clipNorm === null ? null : clipped / Math.max(1, contributions),
      alignment: alignment(),
      secure,
      epsilon: await epsilonOf(releases),
      federatedEvaluation: federatedEvaluationOf(outcome.sum, descriptor, task),
      quality,
      seconds: { training: (trained - started) / 1000, evaluation: (performance.now() - trained) / 1000 },
    });
    onProgress({ kind: 'round', round: closed, rounds: total, outcome: 'closed', quality });
  }
  return {
    rounds,
    stopped,
    quality: await rankVersion(),
    version: closed,
    privacy: await releases.spend(),
    ledger: await releases.entries(),
  };
}

type Attended =
  | { readonly plan: 'sealed'; readonly attendance: Attendance }
  | { readonly plan: 'secure'; readonly attendance: SecureAttendance };

function attend(
  round: number,
  task: TaskDocument,
  checked: CheckedOptions,
  secure: boolean,
  /** Who has had their round of the tree, or all rounds that one person has. */
  isExhausted: (user: number) => boolean,
  random: SeededRandom,
): Attended {
  const { dropoutRate } = checked;
  const available = checked.available.filter((user) => !isExhausted(user));
  const sampling = task.privacy.noise?.sampling ?? { claim: 'none' };
  if (sampling.claim !== 'none') {
    const attendance = attendBySampling(sampling, task, available, random);
    return secure ? { plan: 'secure', attendance } : { plan: 'sealed', attendance };
  }
  return secure
    ? { plan: 'secure', attendance: attendSecureRound(round, task, available, dropoutRate, random) }
    : { plan: 'sealed', attendance: attendRound(round, task, available, dropoutRate, random) };
}

function aggregate(
  { threads, places, accumulator, checked, task }: SimulationParts,
  attended: Attended,
  people: SecurePopulation | null,
  { coordinator }: Releases,
  { version, descriptor }: { readonly version: number; readonly descriptor: RoundDescriptorFields },
  onProgress: (done: number, total: number) => void,
): Promise<AggregatedRound> {
  if (attended.plan === 'sealed' || !people) {
    const { attendance } = attended;
    return sumSealed(threads, places, accumulator, { version, descriptor, attendance }, onProgress);
  }
  const { attendance } = attended;
  if (!checked.cryptography) return sumIntegers(threads, places, { version, descriptor, attendance }, onProgress);
  const { population } = task;
  const { seed } = checked;
  return sumMasked(threads, { version, descriptor, attendance, population, people, coordinator, seed }, onProgress);
}

const nothing = {
  outcome: 'abandoned',
  contributions: 0,
  loss: null,
  clipped: null,
  alignment: null,
  secure: null,
  federatedEvaluation: null,
  quality: null,
  seconds: { training: 0, evaluation: 0 },
} as const;

async function epsilonOf(releases: Releases): Promise<number | null> {
  return (await releases.spend()).epsilon;
}

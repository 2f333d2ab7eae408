/** The rounds of one simulation, one after the other, from the first version of the model to the last. */
import type { Accumulator } from '@tributary/coordinator/aggregation';
import type { QualityReport, Recommender } from '@tributary/model';
import type { LedgerEntry } from '@tributary/privacy';
import type { RoundDescriptor, TaskDocument } from '@tributary/protocol';
import { attendRound } from './attendance.ts';
import type { CheckedOptions } from './checked-options.ts';
import { federatedEvaluationOf } from './federated-evaluation.ts';
import type { SimulationProgress } from './options.ts';
import { type Releases, startReleases } from './release.ts';
import type { PrivacySpend, RoundRecord } from './result.ts';
import { streamOf } from './streams.ts';
import { trainCohort } from './train-cohort.ts';
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
  const { task, checked, recommender, sections, parameters, accumulator, rank, onProgress } = parts;
  const total = task.rounds;
  const releases = await startReleases(task, recommender, sections, checked.seed);
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
    const attendance = attendRound(round, task, checked.available, checked.dropoutRate, random);
    const record = { round, invited: attendance.invited, dropped: attendance.dropped };
    if (attendance.state.phase === 'abandoned') {
      rounds.push({ ...record, ...nothing, reason: attendance.state.reason ?? '', epsilon: await epsilonOf(releases) });
      onProgress({ kind: 'round', round: closed, rounds: total, outcome: 'abandoned', quality: null });
      abandonedInARow += 1;
      if (abandonedInARow === mostAbandonedInARow) {
        stopped = `${mostAbandonedInARow} rounds in a row were abandoned, the last because ${attendance.state.reason}`;
      }
      continue;
    }
    abandonedInARow = 0;
    const { contributors } = attendance;
    const { loss, clipped } = await trainCohort(
      parts.threads,
      parts.places,
      accumulator,
      { version: closed, round, contributors },
      (done, of) => onProgress({ kind: 'training', round: closed + 1, rounds: total, done, total: of }),
    );
    const outcome = await releases.release(round, parameters, accumulator.values, contributors.length);
    const trained = performance.now();
    if (outcome.kind !== 'released') {
      stopped = outcome.reason;
      rounds.push({ ...record, ...nothing, reason: outcome.reason, epsilon: await epsilonOf(releases) });
      onProgress({ kind: 'round', round: closed, rounds: total, outcome: 'abandoned', quality: null });
      break;
    }
    parameters.set(outcome.parameters);
    closed += 1;
    const due = closed === total || (checked.evaluateEvery > 0 && closed % checked.evaluateEvery === 0);
    const quality = due ? await rankVersion() : null;
    rounds.push({
      ...record,
      outcome: 'closed',
      reason: '',
      contributions: contributors.length,
      loss,
      clipped: task.privacy.clipNorm === null ? null : clipped / contributors.length,
      epsilon: await epsilonOf(releases),
      federatedEvaluation: federatedEvaluationOf(accumulator.values, sections, task),
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

const nothing = {
  outcome: 'abandoned',
  contributions: 0,
  loss: null,
  clipped: null,
  federatedEvaluation: null,
  quality: null,
  seconds: { training: 0, evaluation: 0 },
} as const;

async function epsilonOf(releases: Releases): Promise<number | null> {
  return (await releases.spend()).epsilon;
}

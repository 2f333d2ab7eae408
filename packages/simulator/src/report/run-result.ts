/** The one JSON shape in which `demo` and `simulate` report a run: the last line of their standard output with `--json`. */
import type { FullRankingQuality, QualityReport, RankingQuality } from '@tributary/model';
import type { TaskDocument } from '@tributary/protocol';
import type { PrivacySpend, RoundRecord, SimulationResult } from '../engine/result.ts';
import type { ColdItemsJson } from './cold-items-result.ts';

export type ModelName = 'random' | 'popularity' | 'federated' | 'central';

export interface RunMetrics {
  /** The held-out item among the sampled negatives. */
  readonly sampled: RankingQuality;
  /** The held-out item among all items that the user has not seen. */
  readonly full: FullRankingQuality;
}

export interface RunResult {
  readonly data: {
    readonly name: string;
    readonly users: number;
    readonly items: number;
    readonly interactions: number;
  };
  /** The task document, defaults filled in. */
  readonly plan: TaskDocument;
  /** Rounds that closed. */
  readonly rounds: number;
  /** Wall-clock seconds of the whole run; the mean over seeds. */
  readonly seconds: number;
  /** Means over seeds. `central` is missing where no central twin was trained. */
  readonly metrics: Readonly<Record<'random' | 'popularity' | 'federated', RunMetrics>> & {
    readonly central?: RunMetrics;
  };
  readonly bytes: { readonly uploadPerDeviceRound: number; readonly downloadPerDeviceRound: number };
  readonly privacy: PrivacySpend;
  readonly seeds: readonly number[];
  /** Sample standard deviation over seeds of each metric; null with one seed. */
  readonly spread: RunResult['metrics'] | null;
  readonly evaluatedOn: 'test' | 'validation';
  readonly split: string;
  /** Version of the software that made the run, where known. */
  readonly version?: string;
  /** Quality on items that nobody has touched, where it was asked for: `metrics` are of the warm items then. */
  readonly coldItems?: ColdItemsJson;
  /** Why the run ended before the plan's last round; null when it did not. */
  readonly stopped: string | null;
  /** Round by round, one list for each seed. */
  readonly history: readonly (readonly RoundRecord[])[];
}

/** The JSON shape of one run, or of runs of one plan with several seeds. @throws RangeError when there is no run. */
export function toRunResultJson(runs: SimulationResult | readonly SimulationResult[]): RunResult {
  const all = 'task' in runs ? [runs] : runs;
  if (all.length === 0) throw new RangeError('There is no run to report; expected at least one.');
  const first = all[0];
  const last = all[all.length - 1];
  const metricsOf = (fold: (values: readonly number[]) => number): RunResult['metrics'] => {
    const of = (name: ModelName) =>
      foldReports(
        all.flatMap((run) => run.quality[name] ?? []),
        fold,
      );
    const central = all.every((run) => run.quality.central !== null) ? { central: of('central') } : {};
    return { random: of('random'), popularity: of('popularity'), federated: of('federated'), ...central };
  };
  const epsilons = all.map((run) => run.privacy.epsilon);
  return {
    data: first.data,
    plan: first.task,
    rounds: Math.max(...all.map((run) => run.rounds.filter(({ outcome }) => outcome === 'closed').length)),
    seconds: mean(all.map((run) => run.seconds)),
    metrics: metricsOf(mean),
    bytes: { uploadPerDeviceRound: first.bytes.upload, downloadPerDeviceRound: first.bytes.download },
    // Runs with several seeds are what-ifs on simulated people, not releases about the same ones: the largest is one run's.
    privacy: { ...last.privacy, epsilon: epsilons.includes(null) ? null : Math.max(...(epsilons as number[])) },
    seeds: all.map(({ seed }) => seed),
    spread: all.length > 1 ? metricsOf(standardDeviation) : null,
    evaluatedOn: first.evaluatedOn,
    split: first.split,
    stopped: all.find((run) => run.stopped !== null)?.stopped ?? null,
    history: all.map((run) => run.rounds),
  };
}

const rankingMetrics = ['hr@10', 'ndcg@10', 'mrr', 'auc'] as const;
const fullRankingMetrics = [...rankingMetrics, 'coverage@10', 'gini@10'] as const;

function foldReports(reports: readonly QualityReport[], fold: (values: readonly number[]) => number): RunMetrics {
  return {
    sampled: foldFields(
      reports.map(({ sampled }) => sampled),
      rankingMetrics,
      fold,
    ),
    full: foldFields(
      reports.map(({ full }) => full),
      fullRankingMetrics,
      fold,
    ),
  };
}

function foldFields<Name extends string>(
  rows: readonly Readonly<Record<Name, number>>[],
  names: readonly Name[],
  fold: (values: readonly number[]) => number,
): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, fold(rows.map((row) => row[name]))])) as Record<Name, number>;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Sample standard deviation (n - 1). */
export function standardDeviation(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
}

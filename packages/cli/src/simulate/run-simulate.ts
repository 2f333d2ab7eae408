/** Runs a plan on a data set by the simulator, and shows what came of it. */

import type { Dataset, Item, ItemEncodings } from '@tributary/model';
import { deviceEncoderOf, minimumSecureCohort, type TaskDocument } from '@tributary/protocol';
import {
  type ColdItemsResult,
  type RunResult,
  type SimulationProgress,
  simulateColdItems,
  simulateSeeds,
  toColdItemsJson,
  toRunResultJson,
  writeReport,
} from '@tributary/simulator';
import { loadData } from '../data/load-data.ts';
import { makeSplit, type SplitKind } from '../data/make-split.ts';
import { CommandError } from '../exit/command-error.ts';
import type { Output } from '../output/output.ts';
import type { Progress } from '../output/progress.ts';
import { coldItemsTable, privacyText, qualityTable } from '../output/quality-table.ts';
import { sizeText } from '../output/table.ts';
import { unwrittenReport } from '../output/unwritten-report.ts';
import { taskWarnings } from '../privacy/task-warnings.ts';
import { softwareVersion } from '../software-version.ts';
import { readTaskFile } from '../task/task-file.ts';
import { encodeCatalogue } from '../text/encode-items.ts';

export interface SimulateCommandOptions {
  readonly plan: string;
  readonly data: string;
  readonly seed?: number;
  readonly seeds: number;
  readonly workers: number;
  readonly evaluateOn: 'validation' | 'test';
  readonly split?: SplitKind;
  readonly rounds?: number;
  readonly privacy?: 'sealed' | 'secure' | 'secure-unmasked';
  readonly output?: string;
  readonly rankEvery: number;
  readonly central: boolean;
  readonly encoder?: string;
  readonly encodings?: string;
  readonly coldItems?: number;
  readonly skipBadRows?: boolean;
}

/** @throws CommandError `unfinished` when a run stopped early: its result is written all the same. */
export async function runSimulate(options: SimulateCommandOptions, output: Output, signal: AbortSignal): Promise<void> {
  const { task: planned } = await readTaskFile(options.plan);
  const task = {
    ...planned,
    ...(options.rounds === undefined ? {} : { rounds: options.rounds }),
    ...(options.privacy === undefined ? {} : { privacy: privacyOf(planned, options.privacy) }),
  };
  const seed = options.seed ?? task.seed;
  const dataset = await loadData(options.data, { seed: task.seed, skipBadRows: options.skipBadRows ?? false });
  if (dataset.skippedRows > 0) output.note(`Left out ${dataset.skippedRows} rows that could not be read.`);
  const splitOf = (of: Dataset, kind: SplitKind | undefined) =>
    makeSplit(options.data, of, {
      kind,
      purpose: options.evaluateOn,
      seed: task.seed,
      negatives: task.evaluation.negatives,
    });
  const { userCount, itemCount } = dataset.interactions;
  output.note(`${dataset.name}: ${userCount} users, ${itemCount} items; ranked on the ${options.evaluateOn} item`);
  for (const warning of taskWarnings(task, userCount)) output.note(`warning: ${warning}`);
  const encodings = await encodingsFor(task, dataset.items, options, output, signal);
  const shown = showProgress(output);
  const seeds = Array.from({ length: options.seeds }, (_, index) => (seed + index) % 0x1_0000_0000);
  const settings = {
    task,
    dataset,
    encodings,
    encoderFolder: options.encoder ?? null,
    cryptography: options.privacy !== 'secure-unmasked',
    workers: options.workers,
    evaluateEvery: options.rankEvery,
    centralTwin: options.central,
    onProgress: shown.update,
    signal,
  };
  const { coldItems: share } = options;
  const cold: ColdItemsResult[] = [];
  if (share !== undefined) {
    // A published split is of all items; what is left of them is split by time.
    const warmSplit = (warm: Dataset) => splitOf(warm, 'time');
    try {
      for (const of of seeds) cold.push(await simulateColdItems({ ...settings, seed: of, share, splitOf: warmSplit }));
    } finally {
      shown.stop();
    }
  }
  const runs =
    share === undefined
      ? await simulateSeeds({
          ...settings,
          split: await splitOf(dataset, options.split),
          seeds,
          evaluateOn: options.evaluateOn,
        }).finally(shown.stop)
      : cold.map(({ run }) => run);
  const result: RunResult = {
    ...toRunResultJson(runs),
    ...(share === undefined ? {} : { coldItems: toColdItemsJson(cold) }),
    version: softwareVersion,
  };
  output.note(`split ${result.split}`);
  output.result(qualityTable(result.metrics, result.spread));
  if (result.coldItems) output.result(coldItemsTable(result.coldItems));
  output.result(
    `${result.rounds} rounds in ${result.seconds.toFixed(1)} s; per device and round ` +
      `${sizeText(result.bytes.uploadPerDeviceRound)} up, ${sizeText(result.bytes.downloadPerDeviceRound)} down`,
  );
  output.result(privacyText(result.privacy));
  const integers = integersText(result.privacy);
  if (integers !== null) output.result(integers);
  const { output: folder } = options;
  const unwritten = await unwrittenReport(async () => {
    if (folder === undefined) return;
    const files = await writeReport(folder, result);
    output.note(`report: ${files.html}, ${files.json}, ${files.csv}`);
  });
  output.data(result);
  if (unwritten) throw unwritten;
  if (result.stopped !== null) {
    // The result stands above; with --json it stays the last line, so this goes by exit code and remark alone.
    throw new CommandError(/budget|epsilon/i.test(result.stopped) ? 'budget' : 'unfinished', result.stopped, {
      resultWritten: true,
    });
  }
}

/** Encodings of the items for a plan whose model sees texts. */
async function encodingsFor(
  task: TaskDocument,
  items: readonly Item[],
  { encoder: model, encodings: kept }: SimulateCommandOptions,
  output: Output,
  signal: AbortSignal,
): Promise<ItemEncodings | undefined> {
  const { model: of } = task;
  if (of.kind !== 'hybrid' || !of.features.text) return undefined;
  const expected = deviceEncoderOf(of);
  return encodeCatalogue(items, { model, expected, folder: kept, output, signal });
}

/** What secure rounds are set by, what their integers were like, and whether the protocol was run at all; null without a clip norm. */
function integersText({ cryptography, bits, fill = 0, alignment }: RunResult['privacy']): string | null {
  if (alignment === undefined) return null;
  const norm = `norm of sums over contributions x clip norm: at most ${alignment.toPrecision(2)} (see privacy.secure.alignment)`;
  if (cryptography === undefined) return norm;
  const run = cryptography ? '' : ' The integers alone were summed: no mask was made (secure-unmasked).';
  return `integers: ${bits} bits, at most ${(100 * fill).toFixed(0)} % of their range used; ${norm}.${run}`;
}

/** The plan's privacy under another aggregation plan. @throws CommandError `input` where it has no clip norm to be encoded by */
function privacyOf(
  { privacy, cohort }: TaskDocument,
  plan: 'sealed' | 'secure' | 'secure-unmasked',
): TaskDocument['privacy'] {
  if (plan === 'sealed') {
    const { secure: _settings, ...rest } = privacy;
    return { ...rest, plan };
  }
  if (privacy.clipNorm === null) {
    throw new CommandError(
      'input',
      'The plan "secure" needs a clip norm (privacy.clipNorm): the scale of its integers follows from it.',
      {
        advice:
          'Set it to a little more than the norm of most contributions: run with --privacy sealed and a large clip norm, and lower it ' +
          'until the report shows that contributions are clipped.',
      },
    );
  }
  if (cohort.minimum < minimumSecureCohort) {
    throw new CommandError(
      'input',
      `cohort.minimum is ${cohort.minimum}; the plan "secure" needs at least ${minimumSecureCohort}: a sum over fewer says too much about each.`,
      { advice: 'Raise cohort.minimum in the plan, or run with --privacy sealed, which is weaker.' },
    );
  }
  return { ...privacy, plan: 'secure' };
}

/** One bar for each stretch of the work. */
function showProgress(output: Output): { update(progress: SimulationProgress): void; stop(): void } {
  let bar: Progress | null = null;
  let stretch = '';
  const stop = () => {
    bar?.stop();
    bar = null;
    stretch = '';
  };
  return {
    stop,
    update(progress) {
      if (progress.kind === 'round') {
        const { quality, round, rounds, outcome } = progress;
        stop();
        const figures = quality ? `, full NDCG@10 ${quality.full['ndcg@10'].toFixed(4)}` : '';
        output.note(`round ${round}/${rounds} ${outcome}${figures}`);
        return;
      }
      const title = 'round' in progress ? `round ${progress.round}/${progress.rounds} ${progress.kind}` : progress.kind;
      if (title !== stretch) {
        stop();
        stretch = title;
        bar = output.progress(title, progress.total);
      }
      bar?.update(progress.done);
    },
  };
}

/** The pool of worker threads. */
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import type {
  CentralTask,
  EncodeTask,
  MaskOutcome,
  MaskTask,
  RankOutcome,
  RankTask,
  TrainOutcome,
  TrainTask,
  WorkerSetting,
} from './worker-setting.ts';

export interface WorkerThreads {
  readonly count: number;
  train(task: TrainTask): Promise<TrainOutcome>;
  encode(task: EncodeTask): Promise<TrainOutcome>;
  mask(task: MaskTask): Promise<MaskOutcome>;
  rank(task: RankTask): Promise<RankOutcome>;
  central(task: CentralTask): Promise<Float32Array>;
  /** Ends all threads, whatever they are doing. */
  close(): Promise<void>;
}

/** A failure or an abort (by the signal's reason) rejects what is asked for. */
export function startWorkerThreads(count: number, setting: WorkerSetting, signal?: AbortSignal): WorkerThreads {
  const pool = new Piscina({ ...workerEntry(), minThreads: count, maxThreads: count, workerData: setting });
  const run = async (name: string, task: unknown) => {
    signal?.throwIfAborted();
    try {
      return await pool.run(task, { name, ...(signal && { signal }) });
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  };
  return {
    count,
    train: (task) => run('train', task),
    encode: (task) => run('encode', task),
    mask: (task) => run('mask', task),
    rank: (task) => run('rank', task),
    central: (task) => run('central', task),
    close: () => pool.destroy(),
  };
}

/**
 * The entry lies beside this module: `worker.js` as built, and from source (under tsx, under vitest) a loader of `worker.ts`,
 * with the condition that resolves our packages to their sources.
 */
function workerEntry(): { readonly filename: string; readonly execArgv: string[] } {
  const fromSource = import.meta.url.endsWith('.ts');
  const entry = fromSource ? './worker-from-source.mjs' : './worker.js';
  const filename = fileURLToPath(new URL(entry, import.meta.url));
  return { filename, execArgv: fromSource ? ['--conditions=source'] : [] };
}

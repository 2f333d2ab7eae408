/**
 * Steps in a thread of their own: fitting an adapter goes through the text encoder and takes minutes, in which the coordinator
 * answers devices all the same.
 */
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { RoundSum } from '@tributary/model';
import type { StepReply, StepRequest, StepThreadSettings } from './step-worker.ts';

export interface StepThread {
  /** As `Recommender.direction`. @throws StepEndedError when the thread is closed meanwhile; what the step throws */
  direction(shared: Float32Array, round: RoundSum): Promise<Float32Array>;
  /** Ends the thread, whatever it is doing. */
  close(): Promise<void>;
}

/** The step was given up, and nothing came of it. */
export class StepEndedError extends Error {
  override readonly name = 'StepEndedError';
}

/** Resolves when the encoder is loaded. @throws what loading it fails with */
export async function startStepThread(settings: StepThreadSettings): Promise<StepThread> {
  const fromSource = import.meta.url.endsWith('.ts');
  const entry = fromSource ? './step-worker-from-source.mjs' : './step-worker.js';
  const worker = new Worker(fileURLToPath(new URL(entry, import.meta.url)), {
    workerData: settings,
    ...(fromSource ? { execArgv: ['--conditions=source'] } : {}),
  });
  let ended: unknown = null;
  /** Whoever waits for the next reply: a task takes one step at a time. */
  let waiting: { resolve(reply: StepReply): void; reject(error: unknown): void } | null = null;
  const end = (error: unknown) => {
    ended ??= error;
    waiting?.reject(ended);
    waiting = null;
  };
  worker.on('message', (reply: StepReply) => {
    waiting?.resolve(reply);
    waiting = null;
  });
  worker.on('error', end);
  worker.on('exit', () => end(new StepEndedError('The thread that takes steps has ended.')));

  const nextReply = async (): Promise<StepReply> => {
    if (ended) throw ended;
    if (waiting) throw new Error('A step is being taken already.');
    return new Promise((resolve, reject) => {
      waiting = { resolve, reject };
    });
  };
  await nextReply();
  // Rounds keep the process alive; a thread that waits for the next one must not.
  worker.unref();
  return {
    async direction(shared, round) {
      const reply = nextReply();
      worker.postMessage({ shared, round } satisfies StepRequest);
      const answer = await reply;
      if (answer.kind === 'failed') throw answer.error;
      if (answer.kind === 'ready') throw new Error('The thread that takes steps began again.');
      return answer.direction;
    },
    async close() {
      await worker.terminate();
    },
  };
}

/** The threads of the cpu engine: started when a sum first needs them, shared by all its sums, ended with the engine. */
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { EngineError } from '../engine-error.ts';
import type { KeystreamBatch, ThreadReply, ThreadRequest, ThreadSlice } from './sum-thread.ts';

/** What a sum has of the threads. */
export interface ThreadedSum {
  /** To every thread, which adds its slices of the keystreams; the batch may be wiped when this returns. */
  add(batch: KeystreamBatch): void;
  /** Resolves when no more than so many batches are under way. @throws EngineError 'lost' when a thread has failed */
  drained(most: number): Promise<void>;
  /** Whether nothing is under way. */
  readonly idle: boolean;
  /** A thread has failed: what the others add goes on into memory that is not to be used again. */
  readonly failed: boolean;
  close(): void;
}

export interface ThreadPool {
  /** How many there are, at the most. */
  readonly size: number;
  /** @param plan slices for each thread, not more than `size` */
  open(plan: readonly (readonly ThreadSlice[])[]): ThreadedSum;
  close(): Promise<void>;
}

interface Thread {
  post(request: ThreadRequest): void;
  /** Whether a program waits for it, and does not end before it has answered. */
  awaited(yes: boolean): void;
  end(): Promise<unknown>;
}

interface OpenSum {
  /** Replies that are waited for. */
  replies: number;
  readonly threads: number;
  failure: EngineError | null;
  /** Its threads have ended. What they had added by then is whole, and others go on, unless there is a failure. */
  ended: boolean;
  /** Called, and forgotten, whenever something has changed. */
  waiters: (() => void)[];
}

function wake(sum: OpenSum): void {
  const { waiters } = sum;
  sum.waiters = [];
  for (const waiter of waiters) waiter();
}

export function createThreadPool(size: number): ThreadPool {
  const sums = new Map<number, OpenSum>();
  let threads: Thread[] = [];
  let nextId = 0;

  function replied({ id }: ThreadReply): void {
    const sum = sums.get(id);
    if (!sum) return;
    sum.replies -= 1;
    settleAwaited();
    wake(sum);
  }

  function settleAwaited(): void {
    const busy = [...sums.values()].some(({ replies }) => replies > 0);
    for (const thread of threads) thread.awaited(busy);
  }

  /** All are started anew; a sum to which something was being added is of no use any more. */
  function failed(cause: unknown): void {
    for (const thread of threads) void thread.end();
    threads = [];
    for (const sum of sums.values()) {
      sum.ended = true;
      if (sum.replies === 0) continue;
      sum.failure = new EngineError('lost', 'A summing thread failed; its sum is incomplete.', { cause });
      sum.replies = 0;
      wake(sum);
    }
  }

  return {
    size,
    open(plan) {
      nextId += 1;
      const id = nextId;
      const sum: OpenSum = { replies: 0, threads: plan.length, failure: null, ended: false, waiters: [] };
      sums.set(id, sum);
      const begin = (): readonly Thread[] => {
        while (threads.length < plan.length) threads.push(startThread(replied, failed));
        const begun = threads.slice(0, plan.length);
        begun.forEach((thread, index) => void thread.post({ kind: 'open', id, slices: plan[index] }));
        return begun;
      };
      let used = begin();
      return {
        add(batch) {
          if (sum.ended && !sum.failure) {
            used = begin();
            sum.ended = false;
          }
          sum.replies += used.length;
          for (const thread of used) thread.post({ kind: 'add', id, batch });
          settleAwaited();
        },
        async drained(most) {
          while (!sum.failure && sum.replies > most * sum.threads) {
            await new Promise<void>((resolve) => void sum.waiters.push(resolve));
          }
          if (sum.failure) throw sum.failure;
        },
        get failed() {
          return sum.failure !== null;
        },
        get idle() {
          return sum.replies === 0;
        },
        close() {
          sums.delete(id);
          sum.failure ??= new EngineError('closed', 'The sum was closed while keystreams were being added to it.');
          settleAwaited();
          wake(sum);
          for (const thread of used) thread.post({ kind: 'close', id });
        },
      };
    },
    async close() {
      const ending = threads;
      threads = [];
      await Promise.all(ending.map((thread) => thread.end()));
    },
  };
}

function startThread(replied: (reply: ThreadReply) => void, failed: (cause: unknown) => void): Thread {
  const fromSource = import.meta.url.endsWith('.ts');
  const entry = fromSource ? './sum-thread-from-source.mjs' : './sum-thread.js';
  const worker = new Worker(fileURLToPath(new URL(entry, import.meta.url)), {
    ...(fromSource ? { execArgv: ['--conditions=source'] } : {}),
  });
  let ending = false;
  const over = (cause: unknown) => {
    if (ending) return;
    ending = true;
    failed(cause);
  };
  worker.on('message', replied);
  worker.on('error', over);
  worker.on('exit', (code) => over(new Error(`A summing thread ended with code ${code}.`)));
  worker.unref();
  return {
    post: (request) => void worker.postMessage(request),
    awaited: (yes) => (yes ? worker.ref() : worker.unref()),
    end() {
      ending = true;
      return worker.terminate();
    },
  };
}

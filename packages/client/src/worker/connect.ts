/**
 * The SDK in a Web Worker: training, cryptography and scoring never take a frame from the page. The object that the page holds is a
 * `Tributary` like any other.
 */
import type { Surroundings } from '../conditions/conditions.ts';
import { TributaryError } from '../errors/tributary-error.ts';
import { createEmitter } from '../sdk/events.ts';
import type { TributaryOutcome } from '../sdk/participation.ts';
import type { Tributary } from '../sdk/tributary.ts';
import {
  type CallName,
  calls,
  type Mirror,
  type PageConditions,
  receivedError,
  receivedEvent,
  type SentError,
  type ToPage,
  type ToWorker,
  type WorkerOptions,
} from './messages.ts';

/** A dedicated worker that runs `@tributary/client/worker`, as far as it is used. */
export interface TributaryWorker {
  postMessage(message: ToWorker): void;
  addEventListener(name: 'message', listener: (event: { readonly data: ToPage }) => void): void;
  addEventListener(name: 'error', listener: (event: { readonly message?: string }) => void): void;
  terminate(): void;
}

/**
 * @param worker of its own for each instance; it is terminated when the instance has ended
 * @throws TributaryError as `createTributary`; 'training' where the worker itself cannot run
 */
export async function createTributaryInWorker(worker: TributaryWorker, options: WorkerOptions): Promise<Tributary> {
  const waiting = new Map<number, { resolve(value: never): void; reject(error: TributaryError): void }>();
  const { emit, on } = createEmitter(() => {});
  let calledSoFar = 0;
  let finish: (outcome: TributaryOutcome) => void = () => {};
  const finished = new Promise<TributaryOutcome>((resolve) => {
    finish = resolve;
  });
  let mirror: Mirror | null = null;
  let opened: (mirror: Mirror) => void = () => {};
  let notOpened: (error: TributaryError) => void = () => {};
  const opening = new Promise<Mirror>((resolve, reject) => {
    opened = resolve;
    notOpened = reject;
  });

  // A worker may fail before anybody waits for it.
  opening.catch(() => {});

  const lost = (error: SentError) => {
    notOpened(receivedError(error));
    for (const { reject } of waiting.values()) reject(receivedError(error));
    waiting.clear();
    finish({ outcome: 'failed', error: receivedError(error) });
  };
  worker.addEventListener('error', ({ message }) =>
    lost({ code: 'training', message: `The worker failed: ${message ?? 'it could not be loaded'}.`, refusal: null }),
  );
  worker.addEventListener('message', ({ data }) => {
    if ('mirror' in data) ({ mirror } = data);
    if (data.kind === 'opened') opened(data.mirror);
    else if (data.kind === 'not-opened') notOpened(receivedError(data.error));
    else if (data.kind === 'event') emit(data.name, receivedEvent(data.name, data.event));
    else if (data.kind === 'finished') {
      const { outcome } = data;
      finish(outcome.outcome === 'failed' ? { outcome: 'failed', error: receivedError(outcome.error) } : outcome);
    } else {
      const call = waiting.get(data.id);
      waiting.delete(data.id);
      if (data.kind === 'answer') call?.resolve(data.value as never);
      else call?.reject(receivedError(data.error));
    }
  });

  let ended: Promise<unknown> | null = null;
  async function ask(name: CallName, input: readonly unknown[]): Promise<unknown> {
    if (ended !== null) {
      if (name === 'stop') return void (await ended.catch(() => {}));
      throw new TributaryError('stopped', 'This instance was stopped; create a new one.');
    }
    const id = calledSoFar++;
    const answer = new Promise<never>((resolve, reject) => waiting.set(id, { resolve, reject }));
    try {
      worker.postMessage({ kind: 'call', id, name, input });
    } catch (cause) {
      waiting.delete(id);
      throw notSent(`${name}()`, cause);
    }
    if (name !== 'stop' && name !== 'wipe') return answer;
    ended = answer.finally(release);
    return ended;
  }

  /** Ends the worker, and whoever still waits for it. */
  function release(): void {
    watched.close();
    worker.terminate();
    for (const { reject } of waiting.values()) reject(new TributaryError('stopped', 'This instance was stopped.'));
    waiting.clear();
  }

  const watched = await watchPage((conditions) => worker.postMessage({ kind: 'conditions', conditions }));
  try {
    worker.postMessage({ kind: 'open', options, conditions: watched.conditions() });
    mirror = await opening;
  } catch (error) {
    release();
    throw error instanceof TributaryError ? error : notSent('createTributaryInWorker()', error);
  }
  const shown = (): Mirror => mirror as Mirror;
  const methods = Object.fromEntries(
    calls.map((name) => [name, (...input: readonly unknown[]) => ask(name, input)]),
  ) as unknown as Pick<Tributary, (typeof calls)[number]>;
  return {
    ...methods,
    get state() {
      return shown().state;
    },
    get obstacles() {
      return shown().obstacles;
    },
    get events() {
      return shown().events;
    },
    get deviceId() {
      return shown().deviceId;
    },
    consent: {
      get status() {
        return shown().consent.status;
      },
      get version() {
        return shown().consent.version;
      },
      grant: async () => void (await ask('grant', [])),
      revoke: async () => void (await ask('revoke', [])),
    },
    start() {
      if (ended !== null) throw new TributaryError('stopped', 'This instance was stopped; create a new one.');
      worker.postMessage({ kind: 'start' });
    },
    on,
    finished,
  };
}

function notSent(call: string, cause: unknown): TributaryError {
  return new TributaryError(
    'invalid-option',
    `What ${call} got cannot be sent to a worker: give plain values, no functions and no proxies.`,
    { cause },
  );
}

/** What the page alone can see: whether it is looked at, and the battery. */
async function watchPage(
  onChange: (conditions: PageConditions) => void,
): Promise<{ conditions(): PageConditions; close(): void }> {
  const { navigator, document } = globalThis as Surroundings;
  const battery = (await navigator?.getBattery?.().catch(() => null)) ?? null;
  const conditions = (): PageConditions => ({
    visibility: document?.visibilityState ?? null,
    battery: battery && { charging: battery.charging, level: battery.level },
  });
  const tell = () => onChange(conditions());
  document?.addEventListener('visibilitychange', tell);
  battery?.addEventListener('levelchange', tell);
  battery?.addEventListener('chargingchange', tell);
  return {
    conditions,
    close() {
      document?.removeEventListener('visibilitychange', tell);
      battery?.removeEventListener('levelchange', tell);
      battery?.removeEventListener('chargingchange', tell);
    },
  };
}

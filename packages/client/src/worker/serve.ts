/** The worker's side: an instance of the SDK that does as a page says. */
import type { Surroundings } from '../conditions/conditions.ts';
import { createTributary, type Tributary } from '../sdk/tributary.ts';
import {
  type CallName,
  eventNames,
  type Mirror,
  type PageConditions,
  sentError,
  sentEvent,
  type ToPage,
  type ToWorker,
  type WorkerOptions,
  type WorkerOwnOptions,
} from './messages.ts';

/** The part of a dedicated worker's scope that is used. */
export interface WorkerScope {
  postMessage(message: ToPage): void;
  addEventListener(name: 'message', listener: (event: { readonly data: ToWorker }) => void): void;
}

/**
 * For the script of an app's own worker: listens for what `createTributaryInWorker` of the page says. To be called before the script
 * awaits anything, for what arrives earlier is lost.
 * @param own options that a page cannot send, or a function that makes them when the page opens its instance, from what it opens it
 * with: the place to load an encoder. The page's instance fails to open where they cannot be made.
 * @param scope the worker's own by default
 */
export function serveTributary(
  own: WorkerOwnOptions | ((options: WorkerOptions) => WorkerOwnOptions | Promise<WorkerOwnOptions>) = {},
  scope: WorkerScope = globalThis as unknown as WorkerScope,
): void {
  const page = pageSurroundings();
  let tributary: Tributary | null = null;

  async function open({ options, conditions }: Extract<ToWorker, { kind: 'open' }>): Promise<void> {
    page.update(conditions);
    try {
      const added = typeof own === 'function' ? await own(options) : own;
      // Started once somebody listens, so that no event is lost.
      const opened = await createTributary({
        ...added,
        ...options,
        autoStart: false,
        surroundings: page.surroundings,
      });
      tributary = opened;
      for (const name of eventNames) {
        opened.on(name, (event) =>
          scope.postMessage({ kind: 'event', name, event: sentEvent(name, event), mirror: mirrorOf(opened) }),
        );
      }
      opened.finished.then((outcome) =>
        scope.postMessage({
          kind: 'finished',
          outcome: outcome.outcome === 'failed' ? { ...outcome, error: sentError(outcome.error) } : outcome,
          mirror: mirrorOf(opened),
        }),
      );
      scope.postMessage({ kind: 'opened', mirror: mirrorOf(opened) });
      if (options.autoStart ?? true) opened.start();
    } catch (error) {
      scope.postMessage({ kind: 'not-opened', error: sentError(error) });
    }
  }

  async function answer(of: Tributary, { id, name, input }: Extract<ToWorker, { kind: 'call' }>): Promise<void> {
    try {
      const value = await call(of, name, input);
      scope.postMessage({ kind: 'answer', id, value, mirror: mirrorOf(of) });
    } catch (error) {
      scope.postMessage({ kind: 'refusal', id, error: sentError(error), mirror: mirrorOf(of) });
    }
  }

  scope.addEventListener('message', ({ data }) => {
    if (data.kind === 'open') void open(data);
    else if (data.kind === 'conditions') page.update(data.conditions);
    else if (tributary === null) return;
    else if (data.kind === 'start') {
      // It may have been stopped from another tab, which the page hears of by itself.
      if (tributary.state !== 'stopped') tributary.start();
    } else void answer(tributary, data);
  });
}

function call(tributary: Tributary, name: CallName, input: readonly unknown[]): Promise<unknown> {
  if (name === 'grant' || name === 'revoke') return tributary.consent[name]();
  // The page's object has the types of `Tributary`, so what arrives is what its caller wrote.
  return (tributary[name] as (...input: readonly unknown[]) => Promise<unknown>)(...input);
}

function mirrorOf({ state, obstacles, events, deviceId, consent }: Tributary): Mirror {
  return { state, obstacles, events, deviceId, consent: { status: consent.status, version: consent.version } };
}

/** What the page tells of itself, as the conditions expect it of a browser; the network is the worker's own to see. */
function pageSurroundings(): { readonly surroundings: Surroundings; update(conditions: PageConditions): void } {
  let known: PageConditions = { visibility: null, battery: null };
  const document = Object.defineProperty(new EventTarget(), 'visibilityState', {
    get: () => known.visibility ?? 'visible',
  }) as EventTarget & { readonly visibilityState: string };
  const battery = Object.defineProperties(new EventTarget(), {
    charging: { get: () => known.battery?.charging ?? true },
    level: { get: () => known.battery?.level ?? 1 },
  }) as EventTarget & { readonly charging: boolean; readonly level: number };
  const own = (globalThis as Surroundings).navigator;
  const scope = globalThis as Partial<Pick<EventTarget, 'addEventListener' | 'removeEventListener'>>;
  return {
    surroundings: {
      document,
      navigator: {
        get onLine() {
          return own?.onLine ?? true;
        },
        ...(own?.deviceMemory === undefined ? {} : { deviceMemory: own.deviceMemory }),
        ...(own?.connection === undefined ? {} : { connection: own.connection }),
        ...(own?.storage === undefined ? {} : { storage: own.storage }),
        getBattery: async () => battery,
      },
      ...(scope.addEventListener && {
        addEventListener: (name: string, listener: () => void) => scope.addEventListener?.(name, listener),
        removeEventListener: (name: string, listener: () => void) => scope.removeEventListener?.(name, listener),
      }),
    },
    update(conditions) {
      known = conditions;
      document.dispatchEvent(new Event('visibilitychange'));
      battery.dispatchEvent(new Event('levelchange'));
    },
  };
}

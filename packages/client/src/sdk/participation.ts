/** Whether a session with the coordinator should run now, and the one that does: by consent, pause, conditions, and one tab at a time. */
import type { Conditions } from '../conditions/conditions.ts';
import type { Consent } from '../conditions/consent.ts';
import { asTributaryError, type TributaryError } from '../errors/tributary-error.ts';
import { sleep, yieldToEventLoop } from '../session/backoff.ts';
import type { Session } from '../session/session.ts';
import type { Emit, TributaryState } from './events.ts';
import type { Tabs } from './tabs.ts';

/** After a part of the SDK could not be loaded. */
const retryMilliseconds = 10_000;

/** How an instance came to its end. */
export type TributaryOutcome =
  | { readonly outcome: 'ended'; readonly reason: string }
  | { readonly outcome: 'failed'; readonly error: TributaryError }
  | { readonly outcome: 'stopped' };

interface RunningSession {
  readonly dataArrived: () => void;
  readonly modelWanted: () => void;
  readonly abort: AbortController;
  /** Resolves when nothing of it runs any more. */
  readonly done: Promise<void>;
}

export interface Participation {
  readonly state: TributaryState;
  readonly stopped: boolean;
  readonly finished: Promise<TributaryOutcome>;
  /** The session that is running or on its way. */
  readonly session: Pick<RunningSession, 'done'> | null;
  setState(next: TributaryState): void;
  /** Whether the host wants to take part; without effect when it does already. */
  want(wanted: boolean): void;
  /** Brings what runs in line with what should run. */
  settle(): void;
  /** Until the returned function is called, nothing begins. */
  hold(): () => void;
  /** Ends what runs, and resolves when nothing of it does any more; `settle` may begin anew. */
  end(): Promise<void>;
  dataArrived(): void;
  /** Somebody looks at recommendations. */
  modelWanted(): void;
  /** For good: later states are not taken. */
  stop(): Promise<void>;
  /** Says so, after `stop` and what comes with it. */
  finish(): void;
}

export function createParticipation(options: {
  readonly consent: Pick<Consent, 'status'>;
  readonly conditions: Pick<Conditions, 'obstacles'>;
  readonly paused: () => boolean;
  readonly tabs: Tabs;
  readonly emit: Emit;
  readonly open: () => Promise<Session>;
}): Participation {
  const { consent, conditions, paused, tabs, emit, open } = options;
  let state: TributaryState = 'idle';
  let wantedByHost = false;
  let stopped = false;
  let holds = 0;
  /** Set once the task has ended or something needs a person. */
  let outcome: TributaryOutcome | null = null;
  let session: RunningSession | null = null;
  let resolveFinished: (outcome: TributaryOutcome) => void = () => {};
  const finished = new Promise<TributaryOutcome>((resolve) => {
    resolveFinished = resolve;
  });

  function setState(next: TributaryState): void {
    if (next === state || (stopped && next !== 'stopped')) return;
    const previous = state;
    state = next;
    emit('state', { state, previous });
  }

  /** Why nothing should run although the host wants it; null where nothing stands against it. */
  function hindrance(): TributaryState | null {
    if (consent.status !== 'granted') return `consent-${consent.status}`;
    if (paused()) return 'paused';
    return conditions.obstacles.length > 0 ? 'deferred' : null;
  }

  function settle(): void {
    const hindered = hindrance();
    if (wantedByHost && holds === 0 && !stopped && outcome === null && hindered === null) {
      // A session that is on its way out calls again when it is gone.
      if (session === null) session = begin();
      return;
    }
    session?.abort.abort();
    if (hindered !== null && wantedByHost && !stopped && outcome === null) setState(hindered);
  }

  function begin(): RunningSession {
    const abort = new AbortController();
    let handle: Session | null = null;
    const done = (async () => {
      if (!(await tabs.elect(abort.signal, () => setState('standby')))) return { kind: 'aborted' } as const;
      handle = await open();
      return handle.run(abort.signal);
    })()
      .catch(async (cause): Promise<{ kind: 'aborted' } | { kind: 'failed'; error: TributaryError }> => {
        const error = asTributaryError(cause, 'training');
        emit('error', error);
        if (error.code !== 'connection') return { kind: 'failed', error };
        // A part of the SDK did not load: an outage like any other.
        setState('offline');
        await sleep(retryMilliseconds, abort.signal);
        return { kind: 'aborted' };
      })
      .then((end) => {
        tabs.resign();
        session = null;
        if (end.kind === 'ended') {
          outcome = { outcome: 'ended', reason: end.reason };
          setState('ended');
          emit('ended', { reason: end.reason });
        } else if (end.kind === 'failed') {
          outcome = { outcome: 'failed', error: end.error };
          setState('failed');
        }
        if (outcome !== null) resolveFinished(outcome);
        settle();
      });
    return {
      dataArrived: () => handle?.dataArrived(),
      modelWanted: () => handle?.modelWanted(),
      abort,
      done,
    };
  }

  async function end(): Promise<void> {
    session?.abort.abort();
    await session?.done;
    // Handles of closed sockets go in the next turn.
    await yieldToEventLoop();
  }

  return {
    get state() {
      return state;
    },
    get stopped() {
      return stopped;
    },
    get session() {
      return session;
    },
    finished,
    setState,
    want(wanted) {
      wantedByHost = wanted;
      settle();
    },
    settle,
    hold() {
      holds += 1;
      return () => {
        holds -= 1;
        settle();
      };
    },
    end,
    dataArrived: () => session?.dataArrived(),
    modelWanted: () => session?.modelWanted(),
    async stop() {
      stopped = true;
      await end();
    },
    finish() {
      setState('stopped');
      resolveFinished(outcome ?? { outcome: 'stopped' });
    },
  };
}

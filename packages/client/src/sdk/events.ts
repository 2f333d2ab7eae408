/** What a user interface can show. No event carries an interaction or a key. */
import type { Obstacle } from '../conditions/conditions.ts';
import type { ConsentStatus } from '../conditions/consent.ts';
import type { TributaryError } from '../errors/tributary-error.ts';

/**
 * What the instance is doing.
 *
 * - 'idle': not started
 * - 'consent-pending': waits for `consent.grant()`; nothing is sent
 * - 'consent-denied': declined or withdrawn; nothing is sent
 * - 'paused': by the person; nothing is sent
 * - 'deferred': the moment is not good: see `obstacles`
 * - 'standby': another tab of the app takes part
 * - 'waiting': connected, available for rounds (with data of its own)
 * - 'offline': lost the connection; tries again by itself
 * - 'ended': the task has ended; recommendations go on
 * - 'failed': needs somebody: see the last error
 */
export type TributaryState =
  | 'idle'
  | 'consent-pending'
  | 'consent-denied'
  | 'paused'
  | 'deferred'
  | 'standby'
  | 'connecting'
  | 'waiting'
  | 'training'
  | 'uploading'
  | 'offline'
  | 'ended'
  | 'failed'
  | 'stopped';

/**
 * How far this device got in a round.
 *
 * - 'keying': secure: fresh keys were sent
 * - 'sharing': secure: shares of its secrets were dealt to neighbours
 * - 'masking': secure: masks are added
 * - 'uploaded': part of the sum
 * - 'unmasking': secure: what became of its neighbours is acknowledged
 * - 'revealed': secure: shares were revealed, all that was asked of the device is done
 * - 'missed': too late, or the round ended without this device
 */
export type RoundPhase =
  | 'invited'
  | 'downloading'
  | 'keying'
  | 'sharing'
  | 'training'
  | 'masking'
  | 'uploading'
  | 'uploaded'
  | 'unmasking'
  | 'revealed'
  | 'declined'
  | 'missed'
  | 'closed'
  | 'abandoned';

/** Who is in the sum of a secure round, and who can open what. */
export interface SecureCohort {
  /** Devices of the roster. */
  readonly cohort: number;
  /** How many of them hold shares of this device's secrets. */
  readonly neighbours: number;
  /** How many of those it takes to open one. */
  readonly threshold: number;
  /** Where identities are known as they are met at first: how many of the others this device has met in earlier rounds. */
  readonly met?: number;
}

/** What a handler of `on` is given, by the name of the event. */
export interface TributaryEvents {
  readonly state: { readonly state: TributaryState; readonly previous: TributaryState };
  readonly round: {
    readonly round: number;
    readonly phase: RoundPhase;
    readonly reason?: string;
    /** With 'invited': whether the coordinator will see a sum, or each contribution. */
    readonly plan?: 'secure' | 'sealed';
    /** From the roster on: who is in the sum, and who can open what. */
    readonly secure?: SecureCohort;
    /** Of the device's battery at that moment, in [0, 1]; missing while it is being charged, and where the runtime does not tell. */
    readonly charge?: number;
  };
  readonly progress: {
    readonly direction: 'down' | 'up';
    readonly kind: 'model' | 'catalogue' | 'update';
    /** Bytes so far, of `total`. */
    readonly transferred: number;
    readonly total: number;
  };
  /** What stands against taking part has changed. */
  readonly conditions: { readonly obstacles: readonly Obstacle[] };
  /** A verified model version is in use. */
  readonly version: {
    readonly hash: string;
    readonly round: number;
    /** Privacy spend of the population at its release; null where the task makes no claim. */
    readonly epsilon: number | null;
    readonly delta: number | null;
  };
  /** The person's decision has changed, wherever in the app it was made. */
  readonly consent: { readonly status: ConsentStatus };
  /** An event was tracked, or all were erased, in this tab or another: how many this device keeps now. */
  readonly history: { readonly events: number };
  /** What went wrong in the background; what the app itself called rejects instead. */
  readonly error: TributaryError;
  /** The task has ended; recommendations go on. */
  readonly ended: { readonly reason: string };
}

export type TributaryEventName = keyof TributaryEvents;
export type Emit = <Name extends TributaryEventName>(name: Name, event: TributaryEvents[Name]) => void;

export interface LogEntry {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
}
export type Log = (entry: LogEntry) => void;

export interface Emitter {
  readonly emit: Emit;
  /** @returns a function that takes the handler off again */
  on<Name extends TributaryEventName>(name: Name, handler: (event: TributaryEvents[Name]) => void): () => void;
}

/** A handler that throws is logged and disturbs neither the others nor the training. */
export function createEmitter(log: Log): Emitter {
  const handlers = new Map<TributaryEventName, Set<(event: never) => void>>();
  return {
    emit(name, event) {
      for (const handler of [...(handlers.get(name) ?? [])]) {
        try {
          (handler as (event: unknown) => void)(event);
        } catch (error) {
          log({
            level: 'error',
            message: `A handler of '${name}' threw ${error instanceof Error ? error.name : 'a value'}.`,
          });
        }
      }
    },
    on(name, handler) {
      const set = handlers.get(name) ?? new Set();
      handlers.set(name, set);
      // Wrapped, so that one function registered twice is two registrations.
      const registration = (event: never) => handler(event);
      set.add(registration);
      return () => void set.delete(registration);
    },
  };
}

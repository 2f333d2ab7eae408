/** What a page and the worker that runs its SDK say to each other. All of it stays inside the page's own process. */
import type { Obstacle } from '../conditions/conditions.ts';
import type { ConsentStatus } from '../conditions/consent.ts';
import { TributaryError, type TributaryErrorCode } from '../errors/tributary-error.ts';
import type { TributaryEventName, TributaryEvents, TributaryState } from '../sdk/events.ts';
import type { TributaryOptions } from '../sdk/options.ts';
import type { TributaryOutcome } from '../sdk/participation.ts';
import type { Tributary } from '../sdk/tributary.ts';

/** Options that cannot be sent, for they are functions or hold some: the worker's own script gives them to `serveTributary`. */
export type WorkerOwnOptions = Pick<
  TributaryOptions,
  'storage' | 'identity' | 'modelCache' | 'verify' | 'tfjs' | 'texts' | 'random' | 'log'
>;

/** Options that can be sent. Of the surroundings the page tells by itself what a worker cannot see. */
export type WorkerOptions = Omit<TributaryOptions, keyof WorkerOwnOptions | 'surroundings'>;

/** Calls that are answered by a promise, by the name that they have in `Tributary`. */
export const calls = [
  'track',
  'recommend',
  'similar',
  'search',
  'explain',
  'whyNot',
  'exportData',
  'summary',
  'pause',
  'resume',
  'forget',
  'wipe',
  'stop',
] as const satisfies readonly (keyof Tributary)[];
export type CallName = (typeof calls)[number] | 'grant' | 'revoke';

/** What a worker cannot see of the page. */
export interface PageConditions {
  readonly visibility: string | null;
  readonly battery: { readonly charging: boolean; readonly level: number } | null;
}

export type ToWorker =
  | { readonly kind: 'open'; readonly options: WorkerOptions; readonly conditions: PageConditions }
  | { readonly kind: 'call'; readonly id: number; readonly name: CallName; readonly input: readonly unknown[] }
  | { readonly kind: 'start' }
  | { readonly kind: 'conditions'; readonly conditions: PageConditions };

/** What the page's object shows without asking. */
export interface Mirror {
  readonly state: TributaryState;
  readonly obstacles: readonly Obstacle[];
  readonly events: number;
  readonly deviceId: string;
  readonly consent: { readonly status: ConsentStatus; readonly version: string };
}

export type ToPage =
  | { readonly kind: 'opened'; readonly mirror: Mirror }
  | { readonly kind: 'not-opened'; readonly error: SentError }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown; readonly mirror: Mirror }
  | { readonly kind: 'refusal'; readonly id: number; readonly error: SentError; readonly mirror: Mirror }
  | {
      readonly kind: 'event';
      readonly name: TributaryEventName;
      readonly event: unknown;
      readonly mirror: Mirror;
    }
  | { readonly kind: 'finished'; readonly outcome: SentOutcome; readonly mirror: Mirror };

export interface SentError {
  /** Null for what is not the SDK's own error. */
  readonly code: TributaryErrorCode | null;
  readonly message: string;
  readonly refusal: string | null;
}

export type SentOutcome =
  | Exclude<TributaryOutcome, { readonly outcome: 'failed' }>
  | { readonly outcome: 'failed'; readonly error: SentError };

export function sentError(error: unknown): SentError {
  if (error instanceof TributaryError) {
    return { code: error.code, message: error.message, refusal: error.refusal ?? null };
  }
  return { code: null, message: error instanceof Error ? error.message : String(error), refusal: null };
}

export function receivedError({ code, message, refusal }: SentError): TributaryError {
  return new TributaryError(code ?? 'training', message, refusal === null ? {} : { refusal });
}

/** An event as it is sent: errors lose what cannot be cloned. */
export function sentEvent(name: TributaryEventName, event: unknown): unknown {
  return name === 'error' ? sentError(event) : event;
}

export function receivedEvent<Name extends TributaryEventName>(name: Name, event: unknown): TributaryEvents[Name] {
  return (name === 'error' ? receivedError(event as SentError) : event) as TributaryEvents[Name];
}

export const eventNames = [
  'state',
  'round',
  'progress',
  'history',
  'consent',
  'conditions',
  'version',
  'error',
  'ended',
] as const satisfies readonly TributaryEventName[];

/** What a session is given: everything that touches the world outside it. */
import type { History } from '@tributary/model';
import type { Identity, SecureRandom, Verify } from '@tributary/privacy';
import { RefusalError } from '@tributary/protocol';
import type { Agreement } from '../agreement/agreement.ts';
import { reasonOf, TributaryError } from '../errors/tributary-error.ts';
import type { PreparedModel } from '../recommend/model-cache.ts';
import type { Emit, Log, TributaryState } from '../sdk/events.ts';
import type { Storage } from '../storage/storage.ts';
import type { Backoff } from './backoff.ts';
import type { ModelSource } from './model-source.ts';

export interface SessionContext {
  readonly url: string;
  readonly task: string;
  readonly identity: Identity;
  /** Hex; null to pin the first key that is seen. */
  readonly coordinatorKey: string | null;
  readonly agreement: Agreement;
  readonly storage: Storage;
  readonly models: ModelSource;
  readonly random: SecureRandom;
  /** Of signatures in secure rounds. */
  readonly verify: Verify;
  readonly backoff: Backoff;
  readonly requestTimeoutMilliseconds: number;
  readonly software: string;
  /** Milliseconds since 1970, by a clock that may be set: for what is stored. */
  readonly now: () => number;
  /** Milliseconds since any instant, by a clock that nobody sets: for deadlines and durations. */
  readonly elapsed: () => number;
  readonly emit: Emit;
  readonly log: Log;
  readonly setState: (state: TributaryState) => void;
  /** The person's history as the model knows its items. */
  readonly historyFor: (model: PreparedModel) => History;
  /** A verified version is ready for use. */
  readonly onModel: (model: PreparedModel) => void;
}

/** Reports what went wrong without ending anything. */
export function report(context: SessionContext, error: TributaryError): void {
  context.log({ level: 'warn', message: `${error.code}: ${error.message}` });
  context.emit('error', error);
}

/** Any failure as a typed error. */
export function typed(error: unknown): TributaryError {
  if (error instanceof TributaryError) return error;
  if (error instanceof RefusalError) {
    return new TributaryError('refused', `The coordinator refused: ${error.message}`, {
      cause: error,
      refusal: error.code,
    });
  }
  return new TributaryError('training', `The device could not go on: ${reasonOf(error)}`, { cause: error });
}

/** How a device's work on a round ends, and what the coordinator is told of it. */
import { SecureAggregationError } from '@tributary/privacy';
import { type Content, RefusalError } from '@tributary/protocol';
import { reasonOf, TributaryError } from '../errors/tributary-error.ts';
import { TrainingError } from '../training/index.ts';
import { missedCodes } from './round-work.ts';

/** How a secure round ended for this device. */
export type SecureOutcome =
  | { readonly kind: 'revealed' }
  | { readonly kind: 'missed'; readonly reason: string }
  | { readonly kind: 'failed'; readonly error: TributaryError };

/** Null for a lost connection, or a coordinator that has gone on: what it shows next, there or on the next one, is what counts. */
export function secureOutcomeOf(error: unknown, round: number): SecureOutcome | null {
  if (error instanceof SecureAggregationError) {
    return failed('unsafe-round', `This device left round ${round} (${error.code}): ${error.message}`, error);
  }
  if (error instanceof RefusalError) {
    if (error.code === 'out-of-phase') return null;
    if (missedCodes.has(error.code)) return { kind: 'missed', reason: error.message };
    return failed('refused', `The coordinator refused in round ${round}: ${error.message}`, error, error.code);
  }
  if (error instanceof TributaryError) return error.code === 'connection' ? null : { kind: 'failed', error };
  return failed('training', `The device could not go on with round ${round}: ${reasonOf(error)}`, error);
}

function failed(
  code: TributaryError['code'],
  message: string,
  cause: unknown,
  refusal?: string,
): Extract<SecureOutcome, { kind: 'failed' }> {
  const options = refusal === undefined ? { cause } : { cause, refusal };
  return { kind: 'failed', error: new TributaryError(code, message, options) };
}

/** Why a round is declined after an error. */
export function declineReasonOf(error: TributaryError): Content<'decline'>['reason'] {
  if (hasNoData(error)) return 'no-data';
  if (error.code === 'policy') return 'policy';
  return error.code === 'unsafe-round' || error.code === 'forged' ? 'unsafe' : 'unable';
}

/** Nothing to train on: a reason to decline, and no failure. */
export function hasNoData({ cause }: TributaryError): boolean {
  return cause instanceof TrainingError && cause.code === 'no-data';
}

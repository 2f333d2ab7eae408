/** Why an engine did not do what was asked. */
export type EngineErrorCode =
  /** An engine that was named is not there. */
  | 'missing'
  /** It has no sums of this kind. */
  | 'unsupported'
  /** The device has no memory left. */
  | 'out-of-memory'
  /** The sum is larger than the device allows. */
  | 'beyond-limits'
  /** The device went away: what was on it is gone. */
  | 'lost'
  /** A sum was used after `finish`, before `reset`. */
  | 'finished'
  /** A sum or an engine was used after `close`. */
  | 'closed';

/**
 * What a device threw: whatever it is, the sum on it cannot be trusted. What others' errors say stays in `cause`: it may quote anything,
 * and this is logged.
 */
export function deviceFailure(cause: unknown): EngineError {
  if (cause instanceof EngineError) return cause;
  const kind = cause instanceof Error ? cause.name : typeof cause;
  return new EngineError('lost', `The device failed with an error of its own (${kind}).`, { cause });
}

export class EngineError extends Error {
  override readonly name = 'EngineError';
  constructor(
    readonly code: EngineErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

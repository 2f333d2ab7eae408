/** Every error that the SDK raises or reports. Messages say what was wrong, what was expected and what to do; none holds data. */

export const tributaryErrorCodes = [
  'invalid-option', // an option of createTributary or an argument of a call
  'invalid-event', // what was tracked is not an event
  'unknown-item', // the catalogue has no such item
  'no-consent', // the call needs consent that was not given
  'no-model', // no model version has been downloaded yet
  'stopped', // the instance was stopped
  'no-provider', // a React hook was used without a <TributaryProvider> above it
  'connection', // the coordinator cannot be reached, or does not answer in time
  'refused', // the coordinator refused a request; `refusal` holds its code
  'policy', // this device does not agree to what the coordinator asks for
  'coordinator-key', // not the key that this device has pinned
  'unsafe-round', // what was shown in a secure round does not verify; the device left it
  'forged', // a signature or a hash that does not hold
  'malformed', // the coordinator sent something that the protocol does not allow
  'identity-in-use', // another live device holds this identity
  'protocol-version', // device and coordinator speak no common protocol version
  'unknown-task',
  'texts', // the task reads texts, and the encoder for it is missing, another one, or too large for this device
  'training', // local training failed
  'storage-damaged',
  'storage-locked',
  'storage-newer', // written by a newer version of this package
  'storage-failed', // the disk is full, read-only or gone
  'storage-of-another-task',
] as const;

export type TributaryErrorCode = (typeof tributaryErrorCodes)[number];

/** Whatever the SDK throws or reports. Decide by `code`; `message` says what was wrong, what was expected and what to do. */
export class TributaryError extends Error {
  override readonly name: string = 'TributaryError';
  readonly code: TributaryErrorCode;
  /** The coordinator's own code, where it refused something. */
  readonly refusal: string | undefined;

  constructor(code: TributaryErrorCode, message: string, options?: { cause?: unknown; refusal?: string }) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.refusal = options?.refusal;
  }
}

export type StorageErrorCode = Extract<TributaryErrorCode, `storage-${string}`>;

/** What a storage rejects with. */
export class StorageError extends TributaryError {
  override readonly name = 'StorageError';
  declare readonly code: StorageErrorCode;
  constructor(code: StorageErrorCode, message: string, options?: { cause?: unknown }) {
    super(code, message, options);
  }
}

/** An error of the SDK as it is, any other under the code. */
export function asTributaryError(error: unknown, code: TributaryErrorCode): TributaryError {
  return error instanceof TributaryError ? error : new TributaryError(code, reasonOf(error), { cause: error });
}

/** What went wrong, as text without a stack. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

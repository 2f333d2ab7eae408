/** Why one side refused what the other sent. Codes are stable; messages are for people and carry no person's data. */
import * as z from 'zod/mini';

export const refusalCodes = [
  'malformed', // not the schema of its message
  'too-large', // over the message's bound in bytes
  'unknown-message',
  'out-of-phase', // known, but not now
  'replayed', // seen before
  'protocol-too-old',
  'protocol-too-new',
  'not-authenticated',
  'bad-signature',
  'identity-in-use', // another live connection holds this identity
  'unknown-task',
  'unknown-version',
  'unknown-round',
  'not-invited',
  'deadline-passed',
  'duplicate-upload',
  'wrong-layout',
  'wrong-length',
  'hash-mismatch',
  'cannot-open', // a sealed upload that does not decrypt
  'not-finite', // NaN or infinity
  'norm-exceeded',
  'weight-out-of-range',
  'not-verified', // a message of a secure round that does not hold; the device leaves the round
  'busy', // try again after retryAfterMilliseconds
  'shutting-down',
  'internal',
] as const;

export type RefusalCode = (typeof refusalCodes)[number];

/** Most characters of a refusal's message. */
export const refusalMessageLength = 500;

export const refusalSchema = z.strictObject({
  code: z.enum(refusalCodes),
  /** What was wrong, what was expected, what to do. */
  message: z.string().check(z.maxLength(refusalMessageLength)),
  retryAfterMilliseconds: z.optional(z.number().check(z.int(), z.gte(0), z.lte(86_400_000))),
});

export type Refusal = z.infer<typeof refusalSchema>;

/** A refusal as an exception, on either side. */
export class RefusalError extends Error {
  override readonly name = 'RefusalError';
  readonly code: RefusalCode;
  readonly retryAfterMilliseconds: number | undefined;

  constructor(code: RefusalCode, message: string, retryAfterMilliseconds?: number) {
    super(message);
    this.code = code;
    this.retryAfterMilliseconds = retryAfterMilliseconds;
  }
}

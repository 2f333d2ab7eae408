/** Why a device or the coordinator refuses what it was shown in a secure round. Codes are stable; messages carry no person's data. */
export type SecureAggregationCode =
  | 'malformed' // wrong length, order, padding or range
  | 'out-of-phase' // a message that does not belong now
  | 'inconsistent' // a second, different message of a phase
  | 'bad-signature'
  | 'low-order-key' // an X25519 key with which every secret is zero
  | 'roster-too-small'
  | 'roster-too-large'
  | 'roster-invalid' // not ascending, repeated keys, root or signature that do not fit, the device itself not in it
  | 'graph-unsafe' // neighbours and threshold do not prove what the device asks for
  | 'unregistered' // an identity that the log does not show, or that differs from the one pinned
  | 'too-many-in-neighbours'
  | 'too-few-dealers'
  | 'wrong-survivors' // not a partition of the device's neighbours, or an upload without its statement
  | 'too-few-survivors'
  | 'too-few-acknowledgements'
  | 'not-in-round'
  | 'duplicate-key'
  | 'wrong-kind' // a share of the wrong secret
  | 'cannot-reconstruct'; // shares that do not give the secret that was committed to

export class SecureAggregationError extends Error {
  override readonly name = 'SecureAggregationError';
  readonly code: SecureAggregationCode;

  constructor(code: SecureAggregationCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Bytes that one device moves in one round, in whole messages as the protocol encodes them (socket.io's framing apart). */
export interface DeviceRoundBytes {
  /** Sealed upload in its chunk messages, with the messages that open and close it. */
  readonly upload: number;
  /** A model version in its chunk replies, and the invitation. */
  readonly download: number;
  /** Plaintext of the upload: float32 contribution, evaluation and weight. */
  readonly payload: number;
  /** The plaintext sealed to the coordinator. */
  readonly sealed: number;
  /** The model's parameters alone. */
  readonly model: number;
}

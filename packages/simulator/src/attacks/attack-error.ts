/** An attack was asked for something that makes no sense on this task or data; the message says what, and what was expected. */
export class AttackError extends Error {
  override readonly name = 'AttackError';
}

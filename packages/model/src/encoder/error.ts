/** What was wrong with an encoder's files or its surroundings. */
export type EncoderErrorCode =
  | 'missing-file'
  | 'malformed'
  | 'unsupported-architecture'
  | 'vocabulary-mismatch'
  | 'adapter-base-mismatch'
  | 'not-finite'
  | 'missing-kernel'
  | 'missing-backend'
  | 'too-little-memory';

export interface EncoderProblem {
  readonly code: EncoderErrorCode;
  readonly problem: string;
  readonly expected: string;
  readonly remedy: string;
}

/** An encoder that cannot be used. The message says what was found, what was expected and what to do. */
export class EncoderError extends Error {
  override readonly name = 'EncoderError';
  readonly code: EncoderErrorCode;

  constructor({ code, problem, expected, remedy }: EncoderProblem, options?: ErrorOptions) {
    super(`${problem}; expected ${expected}. ${remedy}`, options);
    this.code = code;
  }
}

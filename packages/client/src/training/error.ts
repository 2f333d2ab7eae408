/** Training that cannot give a usable contribution. */
export class TrainingError extends Error {
  override readonly name = 'TrainingError';
  readonly code: 'no-data' | 'diverged' | 'wrong-sections';

  constructor(code: TrainingError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** Where bad data were found, what is wrong there, and what to do about it. Never holds a cell's value. */
export interface DataProblem {
  readonly file: string;
  /** 1-based. */
  readonly line?: number;
  readonly problem: string;
  readonly expected: string;
  readonly remedy: string;
}

/** Data that cannot be used. The message says where, what was wrong, what was expected and what to do. */
export class DataError extends Error {
  override readonly name = 'DataError';
  readonly file: string;
  readonly line: number | undefined;
  readonly problem: string;
  readonly expected: string;
  readonly remedy: string;

  constructor({ file, line, problem, expected, remedy }: DataProblem, options?: ErrorOptions) {
    const place = line === undefined ? file : `${file}:${line}`;
    super(`${place}: ${problem}; expected ${expected}. ${remedy}`, options);
    this.file = file;
    this.line = line;
    this.problem = problem;
    this.expected = expected;
    this.remedy = remedy;
  }
}

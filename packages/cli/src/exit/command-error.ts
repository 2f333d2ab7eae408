/** An error that the command line explains itself: what was wrong, what was expected, what to do. */
import type { ExitReason } from './exit-codes.ts';

/** One thing wrong with a file, and where. */
export interface Problem {
  /** Path of the field, e.g. `cohort.minimum`; empty for the whole file. */
  readonly path: string;
  /** 1-based line in the file, where it is known. */
  readonly line: number | null;
  readonly message: string;
}

export interface CommandErrorDetails {
  /** What to do about it, one sentence. */
  readonly advice?: string;
  readonly problems?: readonly Problem[];
  readonly cause?: unknown;
  /** The command has written its result: with `--json` no error document follows it. */
  readonly resultWritten?: boolean;
}

export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly reason: ExitReason;
  readonly advice: string | null;
  readonly problems: readonly Problem[];
  readonly resultWritten: boolean;

  constructor(reason: ExitReason, message: string, details: CommandErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.reason = reason;
    this.advice = details.advice ?? null;
    this.problems = details.problems ?? [];
    this.resultWritten = details.resultWritten ?? false;
  }
}

/** The exit codes of the `tributary` command: one table, from which `--help` and docs/exit-codes.md take theirs. */

export interface ExitCode {
  readonly code: number;
  readonly meaning: string;
}

export const exitCodes = {
  ok: { code: 0, meaning: 'done' },
  unexpected: { code: 1, meaning: 'an unexpected error: please report it' },
  usage: { code: 2, meaning: 'a wrong command, option or argument' },
  input: { code: 3, meaning: 'a bad input file, data set or task document' },
  store: { code: 4, meaning: 'the store cannot be opened, read or written' },
  network: { code: 5, meaning: 'the network: a port in use, no connection, a refusal from the other side' },
  budget: { code: 6, meaning: 'the privacy budget does not allow it' },
  unfinished: { code: 7, meaning: 'the run ended before its rounds were done' },
  refuted: { code: 8, meaning: 'an audit found more than the plan claims' },
  interrupted: { code: 130, meaning: 'interrupted from the keyboard (SIGINT)' },
  terminated: { code: 143, meaning: 'asked to end (SIGTERM)' },
} as const satisfies Record<string, ExitCode>;

export type ExitReason = keyof typeof exitCodes;

/** One line a code, for help texts. */
export function exitCodeLines(reasons: readonly ExitReason[] = Object.keys(exitCodes) as ExitReason[]): string[] {
  return reasons.map((reason) => `  ${String(exitCodes[reason].code).padStart(3)}  ${exitCodes[reason].meaning}`);
}

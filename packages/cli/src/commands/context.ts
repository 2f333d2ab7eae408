/** What every command is given by whoever runs it, and how every command describes itself. */
import type { Command } from 'commander';
import { type ExitReason, exitCodeLines } from '../exit/exit-codes.ts';
import type { Output, OutputStreams } from '../output/output.ts';

export interface CommandContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted when the person or the system asks the command to end. */
  readonly signal: AbortSignal;
  readonly streams: OutputStreams;
  outputOf(options: { readonly json?: boolean }): Output;
}

export interface CommandHelp {
  /** Command lines as one would type them. */
  readonly examples: readonly string[];
  /** How it may end, beside `ok` and `usage`. */
  readonly exits: readonly ExitReason[];
}

/** Adds examples and exit codes to a command's `--help`. */
export function withHelp(command: Command, { examples, exits }: CommandHelp): Command {
  const reasons: ExitReason[] = ['ok', 'unexpected', 'usage', ...exits];
  const title = examples.length === 1 ? 'Example' : 'Examples';
  return command.addHelpText(
    'after',
    `\n${title}:\n${examples.map((example) => `  $ ${example}`).join('\n')}\n\nExit codes:\n${exitCodeLines(reasons).join('\n')}`,
  );
}

export const jsonHelp = 'write one JSON document as the last line of standard output, all else to standard error';

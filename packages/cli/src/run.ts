/** Runs one command line to its exit code. */
import { CommanderError } from 'commander';
import type { CommandContext } from './commands/context.ts';
import { CommandError } from './exit/command-error.ts';
import { exitCodes } from './exit/exit-codes.ts';
import { explainError, explanationLines } from './exit/explain.ts';
import { createOutput, type OutputStreams } from './output/output.ts';
import { createProgram } from './program.ts';

export interface RunOptions {
  readonly env: CommandContext['env'];
  readonly signal: AbortSignal;
  /** Default: those of the process. */
  readonly streams?: OutputStreams;
}

/**
 * Runs `tributary` with the given arguments (without node and script) and answers the exit code; never throws. With `--json`,
 * an error too is one JSON document on the last line of standard output: `{"error": {…}}`.
 */
export async function run(commandLine: readonly string[], { env, signal, ...options }: RunOptions): Promise<number> {
  const streams = options.streams ?? { out: process.stdout, error: process.stderr };
  const context: CommandContext = {
    env,
    signal,
    streams,
    outputOf: ({ json }) => createOutput(json ?? false, streams),
  };
  const output = createOutput(commandLine.includes('--json'), streams);
  try {
    await createProgram(context).parseAsync([...commandLine], { from: 'user' });
    return exitCodes.ok.code;
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has printed what was wrong. Help and version end by such an error too, with code 0.
      if (error.exitCode === 0) return exitCodes.ok.code;
      output.data({
        error: { reason: 'usage', exitCode: exitCodes.usage.code, kind: 'UsageError', message: error.message },
      });
      return exitCodes.usage.code;
    }
    const stopped = signal.aborted ? stopReason(signal) : null;
    if (stopped && isAbort(error, signal)) {
      output.note(`Stopped: ${exitCodes[stopped].meaning}.`);
      output.data({
        error: { reason: stopped, exitCode: exitCodes[stopped].code, kind: 'Stopped', message: 'stopped' },
      });
      return exitCodes[stopped].code;
    }
    const found = explainError(error);
    for (const line of explanationLines(found)) output.note(line);
    if (env.TRIBUTARY_DEBUG === '1' && error instanceof Error) output.note(error.stack ?? '');
    if (!(error instanceof CommandError && error.resultWritten)) output.data({ error: found });
    return found.exitCode;
  }
}

function stopReason(signal: AbortSignal): 'interrupted' | 'terminated' {
  return signal.reason === 'SIGTERM' ? 'terminated' : 'interrupted';
}

function isAbort(error: unknown, signal: AbortSignal): boolean {
  return error === signal.reason || (error instanceof Error && error.name === 'AbortError');
}

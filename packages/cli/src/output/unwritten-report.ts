/** Reports of results that are told all the same. */
import { CommandError } from '../exit/command-error.ts';
import { explainError } from '../exit/explain.ts';

/** Writes a report. A result is not lost for a full disk: what went wrong is answered, to be thrown after the result was told. */
export async function unwrittenReport(write: () => Promise<void>): Promise<CommandError | null> {
  try {
    await write();
    return null;
  } catch (cause) {
    const { reason, message, advice } = explainError(cause);
    const details = { cause, resultWritten: true, ...(advice === null ? {} : { advice }) };
    return new CommandError(reason, `The report was not written: ${message}`, details);
  }
}

/** Results as files that do not overwrite anything. */
import { open, unlink } from 'node:fs/promises';
import { CommandError } from '../exit/command-error.ts';

/** Writes a file that does not exist. @throws CommandError `usage` when it does */
export async function writeNewFile(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, 'wx').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EEXIST') throw cause;
    throw new CommandError('usage', `${file} exists already, and is left as it is.`, {
      advice: 'Name another file.',
      cause,
    });
  });
  try {
    await handle.writeFile(bytes);
  } catch (error) {
    // On a full disk, say: half a file is none, and would stand in the way of the next attempt.
    await unlink(file);
    throw error;
  } finally {
    await handle.close();
  }
}

/** Results as folders that do not overwrite anything, and that are there whole or not at all. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { CommandError } from '../exit/command-error.ts';

/** @throws CommandError `usage` where the path is taken by anything but an empty folder */
export async function checkNewFolder(folder: string): Promise<void> {
  const taken = (what: string, cause?: unknown) =>
    new CommandError('usage', `${folder} is ${what}, and is left as it is.`, { advice: 'Name another folder.', cause });
  try {
    const entries = await readdir(folder);
    if (entries.length > 0) throw taken('a folder that is not empty');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOTDIR') throw taken('no folder', cause);
    if (code !== 'ENOENT') throw cause;
  }
}

/**
 * Lets `write` fill a new folder beside the one asked for, and gives it that name when all is written. What is half written is
 * removed again.
 * @throws CommandError `usage` where the path is taken; whatever `write` throws
 */
export async function writeNewFolder<T>(folder: string, write: (temporary: string) => Promise<T>): Promise<T> {
  await checkNewFolder(folder);
  const path = resolve(folder);
  await mkdir(dirname(path), { recursive: true });
  const temporary = join(dirname(path), `.${basename(path)}-${randomBytes(6).toString('hex')}`);
  await mkdir(temporary);
  try {
    const result = await write(temporary);
    await checkNewFolder(folder);
    // An empty folder of that name gives way; where there is none, that is as well.
    await rmdir(path).catch(() => undefined);
    await rename(temporary, path);
    return result;
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

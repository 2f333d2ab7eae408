/** Files that are either the old or the new content after a crash, and private to their owner. */
import { open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes a renamed, created or removed name durable. */
export async function syncFolder(folder: string): Promise<void> {
  // Some platforms cannot open a folder; there, renames are as durable as they get.
  const handle = await open(folder, 'r').catch(() => null);
  if (handle === null) return;
  try {
    await handle.sync().catch(() => {});
  } finally {
    await handle.close();
  }
}

/** Where content stands until it is whole; a crash may leave it there. */
export const temporaryPath = (path: string) => `${path}.new`;

/** Writes beside the target, flushes, then renames. */
export async function writeAtomically(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = temporaryPath(path);
  try {
    const handle = await open(temporary, 'w', 0o600);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Appends and flushes. */
export async function appendDurably(path: string, content: string): Promise<void> {
  const handle = await open(path, 'a', 0o600);
  try {
    const { size } = await handle.stat();
    try {
      await handle.writeFile(content);
      await handle.sync();
    } catch (error) {
      // A line that did not fit must not stand half-written in front of the next.
      await handle.truncate(size).catch(() => {});
      throw error;
    }
    if (size === 0) await syncFolder(dirname(path));
  } finally {
    await handle.close();
  }
}

/** One process at a time per folder, by a lock file that names its process; a lock of a process that is gone is taken over. */
import { randomUUID } from 'node:crypto';
import { link, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StorageError } from '../../errors/tributary-error.ts';

const heldHere = new Set<string>();

export interface FolderLock {
  release(): Promise<void>;
}

/** @throws StorageError 'storage-locked' while another storage, here or in another live process, holds the folder. */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const path = join(folder, 'lock');
  if (heldHere.has(path)) throw locked(folder, process.pid);
  heldHere.add(path);
  const token = randomUUID();
  const own = `${path}.${token}`;
  try {
    await writeFile(own, JSON.stringify({ process: process.pid, token }), { mode: 0o600 });
    // A hard link is made only where there is no file of that name: the test and the taking are one step.
    for (let attempt = 0; ; attempt++) {
      try {
        await link(own, path);
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt === 10) throw error;
      }
      const holder = await readHolder(path);
      if (holder === null) continue;
      if (isAlive(holder.process)) throw locked(folder, holder.process);
      await takeAside(path, holder.token, token);
    }
    return {
      async release() {
        if (!heldHere.has(path)) return;
        if ((await readHolder(path))?.token === token) await unlink(path).catch(() => {});
        heldHere.delete(path);
      },
    };
  } catch (error) {
    heldHere.delete(path);
    throw error;
  } finally {
    await unlink(own).catch(() => {});
  }
}

/** Moves a stale lock away; when another process was faster and its new lock was moved instead, that one is put back. */
async function takeAside(path: string, staleToken: string, token: string): Promise<void> {
  const aside = `${path}.stale-${token}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  if ((await readHolder(aside))?.token !== staleToken) await link(aside, path).catch(() => {});
  await unlink(aside).catch(() => {});
}

async function readHolder(path: string): Promise<{ process: number; token: string } | null> {
  try {
    const holder: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (typeof holder === 'object' && holder !== null && 'process' in holder && 'token' in holder) {
      return { process: Number(holder.process), token: String(holder.token) };
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
  }
  // Unreadable: nobody's. Locks appear complete (they are linked), so this one was damaged later.
  return { process: -1, token: '' };
}

function isAlive(processId: number): boolean {
  // Ours, and not held here: left by an earlier process that had the same number (usual in containers).
  if (processId === process.pid || !(processId > 0)) return false;
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function locked(folder: string, processId: number): StorageError {
  return new StorageError(
    'storage-locked',
    `The folder ${folder} is in use by process ${processId}. Stop that one first, or give this device another folder.`,
  );
}

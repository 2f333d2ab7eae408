/** A storage in a folder, for Node: private to its owner, atomic, durable, for one process at a time. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, truncate, unlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { StorageError } from '../../errors/tributary-error.ts';
import { type Storage, type StorageRecords, type StoredInteraction, storageRecordNames } from '../storage.ts';
import { appendDurably, syncFolder, temporaryPath, writeAtomically } from './atomic-file.ts';
import { damaged, decodeInteractions, decodeRecord, encodeInteraction, encodeRecord } from './file-format.ts';
import { lockFolder } from './folder-lock.ts';

/**
 * Opens (and creates, mode 0700) a folder as storage; files have mode 0600. The lock is held until `close()`.
 *
 * @throws StorageError 'storage-locked' when another process or instance has it open; 'storage-failed' when the folder cannot
 * be made or written
 */
export async function fileStorage(folder: string): Promise<Storage> {
  const root = resolve(folder);
  const blobFolder = join(root, 'blobs');
  const interactionsPath = join(root, 'interactions.jsonl');
  const recordPath = (name: string) => join(root, `${name}.json`);
  const lock = await translate(root, async () => {
    await mkdir(blobFolder, { recursive: true, mode: 0o700 });
    return lockFolder(root);
  });

  /** Read once; null before. */
  let interactions: StoredInteraction[] | null = null;
  let closed = false;
  let last: Promise<unknown> = Promise.resolve();

  /** One operation after the other, in the order of the calls. */
  function inTurn<T>(operation: () => Promise<T>): Promise<T> {
    const result = last.then(() => {
      if (closed) throw new StorageError('storage-failed', `The storage ${root} is closed; open it again.`);
      return translate(root, operation);
    });
    last = result.catch(() => {});
    return result;
  }

  async function load(): Promise<StoredInteraction[]> {
    if (interactions !== null) return interactions;
    const content = (await readIfThere(interactionsPath)) ?? Buffer.alloc(0);
    const decoded = decodeInteractions(interactionsPath, content);
    if (decoded.wholeBytes < content.length) await truncate(interactionsPath, decoded.wholeBytes);
    interactions = decoded.interactions;
    return interactions;
  }

  return {
    appendInteraction: (interaction) => {
      const appended = { ...interaction };
      return inTurn(async () => {
        const known = await load();
        await appendDurably(interactionsPath, encodeInteraction(appended));
        known.push(appended);
      });
    },
    listInteractions: () => inTurn(async () => [...(await load())]),
    keepLatestInteractions: (count) =>
      inTurn(async () => {
        const known = await load();
        if (known.length <= count) return;
        const kept = known.slice(known.length - count);
        await writeAtomically(interactionsPath, kept.map(encodeInteraction).join(''));
        interactions = kept;
      }),
    eraseInteractions: () =>
      inTurn(async () => {
        await removeIfThere(interactionsPath);
        await syncFolder(root);
        interactions = [];
      }),
    readRecord: (name) =>
      inTurn(async () => {
        const content = await readIfThere(recordPath(name));
        return content === null
          ? null
          : (decodeRecord(recordPath(name), content.toString('utf8')) as StorageRecords[typeof name]);
      }),
    writeRecord: (name, value) => {
      const content = encodeRecord(value);
      return inTurn(() => writeAtomically(recordPath(name), content));
    },
    removeRecord: (name) =>
      inTurn(async () => {
        await removeIfThere(recordPath(name));
        await syncFolder(root);
      }),
    readBlob: (hash) =>
      inTurn(async () => {
        const path = join(blobFolder, checkHash(hash));
        const content = await readIfThere(path);
        if (content === null) return null;
        if (createHash('sha256').update(content).digest('hex') !== hash) {
          throw damaged(path, 'its SHA-256 is not its name');
        }
        return new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
      }),
    writeBlob: (hash, bytes) => inTurn(() => writeAtomically(join(blobFolder, checkHash(hash)), bytes)),
    keepBlobs: (hashes) => {
      const kept = new Set(hashes);
      return inTurn(async () => {
        for (const name of await readdir(blobFolder)) if (!kept.has(name)) await removeIfThere(join(blobFolder, name));
      });
    },
    wipe: () =>
      inTurn(async () => {
        interactions = [];
        // By name: the folder may hold what is not ours.
        const paths = [interactionsPath, ...storageRecordNames.map(recordPath)];
        for (const path of paths) {
          await removeIfThere(path);
          await removeIfThere(temporaryPath(path));
        }
        for (const name of await readdir(blobFolder)) await removeIfThere(join(blobFolder, name));
        await syncFolder(blobFolder);
        await syncFolder(root);
      }),
    close: () => {
      const done = last.then(async () => {
        closed = true;
        await lock.release();
      });
      last = done.catch(() => {});
      return done;
    },
  };
}

function checkHash(hash: string): string {
  if (!/^[0-9a-f]{64}$/.test(hash)) throw new TypeError('a blob is named by its SHA-256 in lower-case hex');
  return hash;
}

async function readIfThere(path: string): Promise<Buffer | null> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
}

async function removeIfThere(path: string): Promise<void> {
  await unlink(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

const advice: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full. Free some space; what was stored before is intact',
  EDQUOT: 'the quota of the disk is used up. Free some space; what was stored before is intact',
  EROFS: 'the file system is read-only. Give a folder that can be written',
  EACCES: 'access is denied. Give a folder that this user may write',
  EPERM: 'access is denied. Give a folder that this user may write',
  ENOTDIR: 'part of the path is a file. Give the path of a folder',
  EEXIST: 'part of the path is a file. Give the path of a folder',
};

async function translate<T>(root: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (error instanceof StorageError || code === undefined || !/^E[A-Z]/.test(code)) throw error;
    throw new StorageError('storage-failed', `Cannot use ${root}: ${advice[code] ?? `the system says ${code}`}.`, {
      cause: error,
    });
  }
}

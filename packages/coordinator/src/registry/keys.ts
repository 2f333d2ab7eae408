/** The coordinator's signing key in the store's folder: made on first use, never shown. */
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import {
  bytesToHex,
  createIdentity,
  hexToBytes,
  type Identity,
  identityOf,
  revealSecret,
  type SecureRandom,
} from '@tributary/privacy';
import { StoreError } from '../store/store-error.ts';

export const keyFileName = 'coordinator.key';

/** Label, Ed25519 seed, and the public key of it, which tells a damaged file from a whole one. */
const format = /^tributary-coordinator-key-v1 ([0-9a-f]{64}) ([0-9a-f]{64})\n$/;

/**
 * The identity that devices pin. The file is written whole or not at all, with mode 0600, before anything is signed.
 * @throws StoreError 'damaged', 'not-writable', 'full'
 */
export async function loadCoordinatorIdentity(folder: string, random: SecureRandom): Promise<Identity> {
  const file = join(folder, keyFileName);
  try {
    const known = await readIdentity(file);
    if (known) return known;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeIdentity(folder, file, createIdentity(random), `${file}.${bytesToHex(random.bytes(8))}.draft`);
  } catch (error) {
    throw keyErrorOf(error, file);
  }
  // Read back: another process may have been faster, and its key is the one.
  const kept = await readIdentity(file);
  if (!kept) throw new StoreError('not-writable', `The key ${file} was removed while it was being made. Start again.`);
  return kept;
}

/** The identity of a folder that has one: nothing is made. @throws StoreError 'missing', 'damaged' */
export async function existingCoordinatorIdentity(folder: string): Promise<Identity> {
  const file = join(folder, keyFileName);
  const known = await readIdentity(file).catch((error: unknown) => {
    throw keyErrorOf(error, file);
  });
  if (known) return known;
  throw new StoreError(
    'missing',
    `The store ${folder} has no key of its coordinator (${keyFileName}). Restore it from a backup; devices trust this key alone.`,
  );
}

async function readIdentity(file: string): Promise<Identity | null> {
  let text: string;
  try {
    text = await readFile(file, 'latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const [, seed, publicKey] = format.exec(text) ?? [];
  const identity = seed ? identityOf(hexToBytes(seed)) : null;
  if (!identity || bytesToHex(identity.publicKey) !== publicKey) {
    throw new StoreError(
      'damaged',
      `The coordinator's key ${file} is damaged. Restore it from a backup: devices trust this key alone. Without a backup, move the file and the store away and begin anew; devices then have to be given the new key.`,
    );
  }
  return identity;
}

async function writeIdentity(folder: string, file: string, identity: Identity, draft: string): Promise<void> {
  const seed = bytesToHex(revealSecret(identity.secretKey));
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(`tributary-coordinator-key-v1 ${seed} ${bytesToHex(identity.publicKey)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    // Unlike a rename, a link never takes the place of a key that another process has just made.
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await unlink(draft);
  }
  await syncFolder(folder);
}

/** A new name in a folder lasts only once the folder is on disk. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function keyErrorOf(error: unknown, file: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof StoreError || typeof code !== 'string') return error;
  if (code === 'ENOSPC')
    return new StoreError('full', `The disk of ${file} is full. Free space and start again.`, { cause: error });
  return new StoreError(
    'not-writable',
    `The coordinator's key ${file} cannot be read or made (${code}). Give this user permission on its folder.`,
    { cause: error },
  );
}

/** What a device brings along from earlier runs: whose it is, which coordinator it trusts. */
import { bytesToHex, createIdentity, hexToBytes, type Identity, identityOf, revealSecret } from '@tributary/privacy';
import { StorageError } from '../errors/tributary-error.ts';
import type { OpenedOptions } from './options.ts';

/** @throws StorageError 'storage-of-another-task' when the storage was used for another task before */
export async function bindStorage({ storage, task }: OpenedOptions): Promise<void> {
  const record = await storage.readRecord('task');
  if (record === null) return storage.writeRecord('task', { task });
  if (record.task !== task) {
    throw new StorageError(
      'storage-of-another-task',
      `The storage belongs to task '${record.task}', not to '${task}'. Give each task a storage of its own.`,
    );
  }
}

/** The host's identity, else the stored one, else a new one that is stored. */
export async function openIdentity({ storage, identity, random }: OpenedOptions): Promise<Identity> {
  if (identity !== undefined) return identity;
  const record = await storage.readRecord('identity');
  if (record !== null) {
    const known = identityOf(hexToBytes(record.secretKey));
    if (bytesToHex(known.publicKey) !== record.publicKey) {
      throw new StorageError(
        'storage-damaged',
        'The stored identity does not hold together. Remove it to make a new one.',
      );
    }
    return known;
  }
  const made = createIdentity(random);
  await storage.writeRecord('identity', {
    publicKey: bytesToHex(made.publicKey),
    secretKey: bytesToHex(revealSecret(made.secretKey)),
  });
  return made;
}

/** The pinned key in hex, or null where none is known yet. */
export async function openCoordinatorKey({ storage, coordinatorKey }: OpenedOptions): Promise<string | null> {
  const pinned = (await storage.readRecord('coordinatorKey'))?.key ?? null;
  if (coordinatorKey === undefined || coordinatorKey === pinned) return pinned;
  // The host's word outranks trust on first use, and is how a change of keys is made on purpose.
  await storage.writeRecord('coordinatorKey', { key: coordinatorKey });
  return coordinatorKey;
}

/** The population's identity log as this device knows it: it may only grow. */
import { bytesToHex, hexToBytes, verifyConsistency } from '@tributary/privacy';
import type { RoundDescriptor } from '@tributary/protocol';
import { TributaryError } from '../errors/tributary-error.ts';
import type { Storage } from '../storage/storage.ts';
import type { Connection } from './connection.ts';

/**
 * Checks the log that a round names against the one last seen, and keeps it.
 * @throws TributaryError 'forged' for a log that was rewritten or shortened; 'refused' when the coordinator gives no proof
 */
export async function checkIdentityLog(
  storage: Storage,
  connection: Connection,
  population: string,
  { secure, round }: RoundDescriptor,
): Promise<void> {
  const log = secure?.identityLog;
  if (!log) return;
  const seen = await storage.readRecord('identityLog');
  const root = bytesToHex(log.root);
  if (seen !== null && seen.population === population) {
    if (seen.size === log.size && seen.root === root) return;
    const proof =
      seen.size < log.size
        ? (await connection.request('logConsistency', { from: seen.size, to: log.size })).proof
        : new Uint8Array(0);
    const claim = { oldSize: seen.size, oldRoot: hexToBytes(seen.root), newSize: log.size, newRoot: log.root, proof };
    if (!verifyConsistency(claim)) {
      throw new TributaryError(
        'forged',
        `The identity log of round ${round} (${log.size} identities) did not grow from the one that this device has seen ` +
          `(${seen.size}); identities were taken back or exchanged. The device does not take part.`,
      );
    }
  }
  await storage.writeRecord('identityLog', { population, size: log.size, root });
}

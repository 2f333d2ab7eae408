/** Who the other devices of a secure round are: the population's identity log, which may only grow, or the identities met. */
import { bytesToHex, hexToBytes, verifyConsistency } from '@tributary/privacy';
import type { RoundDescriptor } from '@tributary/protocol';
import { TributaryError } from '../errors/tributary-error.ts';
import type { Storage, StorageRecords } from '../storage/storage.ts';
import type { Connection } from './connection.ts';

type SeenLog = StorageRecords['identityLogs']['seen'][number];

/** A device is of few populations; forgetting one would let its log start anew. */
const mostPopulations = 16;
/** Hex identities kept: 0.5 MB. */
const mostPins = 8192;

/**
 * Checks the log that a round names against the one last seen of the population, and keeps it. What contradicts it is written
 * down beside it, and the log last seen stays the one to compare with.
 *
 * @throws TributaryError 'forged' for a log that was rewritten or shortened; 'policy' for a round without a log in a population
 * that has one; 'refused' when the coordinator gives no proof; 'connection'
 */
export async function checkIdentityLog(
  storage: Storage,
  connection: Pick<Connection, 'request'>,
  population: string,
  { secure, round }: Pick<RoundDescriptor, 'secure' | 'round'>,
): Promise<void> {
  const all = (await storage.readRecord('identityLogs'))?.seen ?? [];
  const seen = all.find((one) => one.population === population);
  const others = all.filter((one) => one !== seen);
  const keep = (entry: SeenLog) => storage.writeRecord('identityLogs', { seen: [...others, entry] });

  const log = secure?.identityLog;
  if (!log) {
    if (!seen) return;
    throw new TributaryError(
      'policy',
      `Round ${round} names no identity log; this device has seen the one of '${population}' (${seen.size} identities), ` +
        'and does not go back to trusting rosters without it.',
    );
  }
  const shown = { size: log.size, root: bytesToHex(log.root) };
  if (!seen) {
    if (others.length >= mostPopulations) {
      throw new TributaryError(
        'policy',
        `The task has named ${others.length} populations already; '${population}' is one too many.`,
      );
    }
    return keep({ population, ...shown });
  }
  if (seen.size === shown.size && seen.root === shown.root) return;
  if (!(await grewFrom(seen, shown, connection))) {
    await keep({ ...seen, contradicted: { round, ...shown } });
    throw new TributaryError(
      'forged',
      `The identity log of round ${round} (${shown.size} identities) did not grow from the one that this device has seen ` +
        `(${seen.size}); identities were taken back or exchanged. The device does not take part.`,
    );
  }
  await keep({ ...seen, ...shown });
}

async function grewFrom(
  seen: SeenLog,
  shown: { readonly size: number; readonly root: string },
  connection: Pick<Connection, 'request'>,
): Promise<boolean> {
  if (shown.size <= seen.size) return false;
  const { proof } = await connection.request('logConsistency', { from: seen.size, to: shown.size });
  return verifyConsistency({
    oldSize: seen.size,
    oldRoot: hexToBytes(seen.root),
    newSize: shown.size,
    newRoot: hexToBytes(shown.root),
    proof,
  });
}

/**
 * Pins the identities of a roster whose round has no log. An identity is its key, so that none can change; what the pins show is
 * how many of the others are no strangers.
 * @returns how many were met in earlier rounds
 */
export async function meetIdentities(storage: Storage, identities: readonly Uint8Array[]): Promise<number> {
  const pins = (await storage.readRecord('identityPins'))?.identities ?? [];
  const known = new Set(pins);
  const roster = identities.map(bytesToHex);
  const met = roster.filter((identity) => known.has(identity));
  // Those met last are forgotten last.
  for (const identity of roster) {
    known.delete(identity);
    known.add(identity);
  }
  await storage.writeRecord('identityPins', { identities: [...known].slice(-mostPins) });
  return met.length;
}

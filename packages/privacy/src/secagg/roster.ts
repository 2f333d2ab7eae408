/** The round's roster: who takes part, with which ephemeral keys, under one hash that every later derivation and signature names. */
import { compareBytes } from '../bytes/compare.ts';
import { sha256 } from '../hash/index.ts';
import { type Identity, sign } from '../identity/identity.ts';
import type { Verify } from '../identity/memoised-verify.ts';
import { merkleRoot } from '../identity-log/index.ts';
import { SecureAggregationError } from './error.ts';
import { keysFrame, rosterFrame } from './frames.ts';
import type { KeysMessage, RosterMessage } from './messages.ts';
import type { SecureRound } from './secure-round.ts';

export interface RosterEntry {
  /** Ed25519, 32 bytes. */
  readonly identity: Uint8Array;
  /** X25519 (C). */
  readonly shareKey: Uint8Array;
  /** X25519 (S). */
  readonly maskKey: Uint8Array;
  /** By the identity, over `keysFrame`. */
  readonly signature: Uint8Array;
}

export interface Roster {
  /** Ascending by identity; a device's index is its place here. */
  readonly entries: readonly RosterEntry[];
  /** Of the Merkle tree over the entries. */
  readonly root: Uint8Array;
  readonly rosterHash: Uint8Array;
}

const entryBytes = 160;
const leafPrefix = Uint8Array.of(0);

export function rosterOf(round: SecureRound, entries: readonly RosterEntry[]): Roster {
  const root = merkleRoot(
    entries.map(({ identity, shareKey, maskKey, signature }) =>
      sha256(concatenated([leafPrefix, identity, shareKey, maskKey, signature])),
    ),
  );
  return { entries, root, rosterHash: sha256(rosterFrame(round.roundHash, entries.length, root)) };
}

/** As the coordinator sends it. @param entries in any order */
export function makeRoster(
  round: SecureRound,
  devices: ReadonlyMap<string, KeysMessage & { readonly identity: Uint8Array }>,
  coordinator: Identity,
): { readonly roster: Roster; readonly message: RosterMessage } {
  const entries = [...devices.values()].sort((a, b) => compareBytes(a.identity, b.identity));
  const roster = rosterOf(round, entries);
  const bytes = new Uint8Array(entryBytes * entries.length);
  entries.forEach(({ identity, shareKey, maskKey, signature }, i) => {
    bytes.set(identity, entryBytes * i);
    bytes.set(shareKey, entryBytes * i + 32);
    bytes.set(maskKey, entryBytes * i + 64);
    bytes.set(signature, entryBytes * i + 96);
  });
  const statement = rosterFrame(round.roundHash, entries.length, roster.root);
  return { roster, message: { entries: bytes, signature: sign(statement, coordinator.secretKey) } };
}

/**
 * The roster that a device was sent, if it is one: right length, identities strictly ascending, all keys distinct, signed by the
 * coordinator. Entries' own signatures are checked of the device's neighbours alone (`checkEntry`).
 *
 * @throws SecureAggregationError
 */
export function readRoster(round: SecureRound, message: RosterMessage, verify: Verify): Roster {
  const { entries: bytes, signature } = message;
  const n = bytes.length / entryBytes;
  if (!Number.isInteger(n)) {
    throw new SecureAggregationError('malformed', `The roster has ${bytes.length} bytes; an entry has ${entryBytes}.`);
  }
  if (n < round.minimum) {
    throw new SecureAggregationError(
      'roster-too-small',
      `The roster names ${n} devices; the round's description promises at least ${round.minimum}.`,
    );
  }
  if (n > round.maximum) {
    throw new SecureAggregationError(
      'roster-too-large',
      `The roster names ${n} devices; the round's description promises at most ${round.maximum}.`,
    );
  }
  // A copy of our own: the message's buffer belongs to the network.
  const own = bytes.slice();
  const entries = Array.from({ length: n }, (_, i): RosterEntry => {
    const at = entryBytes * i;
    return {
      identity: own.subarray(at, at + 32),
      shareKey: own.subarray(at + 32, at + 64),
      maskKey: own.subarray(at + 64, at + 96),
      signature: own.subarray(at + 96, at + 160),
    };
  });
  checkDistinct(entries);
  const roster = rosterOf(round, entries);
  if (!verify(signature, rosterFrame(round.roundHash, n, roster.root), round.coordinatorKey)) {
    throw new SecureAggregationError('bad-signature', "The roster does not carry the coordinator's signature.");
  }
  return roster;
}

/** @throws SecureAggregationError 'roster-invalid' where an identity or a key stands twice, or the order is another */
function checkDistinct(entries: readonly RosterEntry[]): void {
  const keys = new Set<string>();
  entries.forEach(({ identity, shareKey, maskKey }, i) => {
    if (i > 0 && compareBytes(entries[i - 1].identity, identity) >= 0) {
      throw new SecureAggregationError('roster-invalid', 'Identities of the roster are not strictly ascending.');
    }
    for (const key of [shareKey, maskKey]) {
      if (!isCanonicalKey(key)) {
        throw new SecureAggregationError(
          'roster-invalid',
          'A key of the roster is not in the one encoding that it has.',
        );
      }
      keys.add(keyText(key));
    }
  });
  if (keys.size !== 2 * entries.length) {
    throw new SecureAggregationError('roster-invalid', 'A key stands twice in the roster.');
  }
}

/** @throws SecureAggregationError 'bad-signature' where the keys were not signed by the identity for this round */
export function checkEntry(
  round: SecureRound,
  { identity, shareKey, maskKey, signature }: RosterEntry,
  verify: Verify,
): void {
  if (!verify(signature, keysFrame(round.roundHash, identity, shareKey, maskKey), identity)) {
    throw new SecureAggregationError(
      'bad-signature',
      'Keys of the roster are not signed by the identity that they stand under, or for another round.',
    );
  }
}

/** Whether the u-coordinate is below 2^255 - 19 and its top bit clear: else one key would have several encodings. */
export function isCanonicalKey(key: Uint8Array): boolean {
  if (key[31] !== 0x7f) return key[31] < 0x7f;
  for (let i = 1; i < 31; i++) if (key[i] !== 0xff) return true;
  return key[0] < 0xed;
}

/** As a key of maps and sets. */
export function keyText(key: Uint8Array): string {
  return String.fromCharCode(...key);
}

export function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

export type ReadRoster = typeof readRoster;

/** For a process that plays many devices of one round, which are all sent the same object: it is read once. */
export function memoisedReadRoster(): ReadRoster {
  const known = new WeakMap<RosterMessage, Roster>();
  return (round, message, verify) => {
    const before = known.get(message);
    if (before) return before;
    const roster = readRoster(round, message, verify);
    known.set(message, roster);
    return roster;
  };
}

/** Under which keys a storage keeps what; all of them begin with its name. */
import type { StorageRecordName } from '../storage/storage.ts';

export interface Places {
  /** What every key of this storage begins with. */
  readonly all: string;
  /** Says which version of this layout it is, and that the key is the right one. */
  readonly seal: string;
  /** What the keys of events begin with. */
  readonly events: string;
  /** Keys of events, sorted as text, are in the order of their numbers. */
  event(sequence: number): string;
  record(name: StorageRecordName): string;
  readonly blobs: string;
  /** Says how many parts there are, once all of them are written. */
  blob(hash: string): string;
  blobPart(hash: string, part: number): string;
}

const sequenceDigits = 12;

/** @param name letters, digits, `.`, `_` and `-`: no name is the beginning of another one's keys */
export function placesOf(name: string): Places {
  const all = `tributary/${name}/`;
  const events = `${all}event/`;
  const blobs = `${all}blob/`;
  return {
    all,
    seal: `${all}seal`,
    events,
    event: (sequence) => `${events}${String(sequence).padStart(sequenceDigits, '0')}`,
    record: (record) => `${all}record/${record}`,
    blobs,
    blob: (hash) => `${blobs}${hash}`,
    blobPart: (hash, part) => `${blobs}${hash}/${part}`,
  };
}

/** Number of the event that is kept under a key. */
export function sequenceOf(key: string): number {
  return Number(key.slice(-sequenceDigits));
}

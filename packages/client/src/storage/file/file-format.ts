/**
 * The text of the files. A record is one JSON document with its checksum; interactions are lines `checksum JSON`. Checksums
 * find damage, not malice: who can write the folder is the owner.
 */
import { createHash } from 'node:crypto';
import { StorageError } from '../../errors/tributary-error.ts';
import type { StoredInteraction } from '../storage.ts';

export const fileFormat = 1;

const checksum = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

export function encodeRecord(value: unknown): string {
  const text = JSON.stringify(value);
  return `{"format":${fileFormat},"checksum":"${checksum(text)}","value":${text}}\n`;
}

/** @throws StorageError 'storage-damaged' or 'storage-newer' */
export function decodeRecord(path: string, text: string): unknown {
  let record: { format?: unknown; checksum?: unknown; value?: unknown };
  try {
    record = JSON.parse(text);
  } catch (cause) {
    throw damaged(path, 'it is not JSON', cause);
  }
  if (typeof record.format === 'number' && record.format > fileFormat) {
    throw new StorageError(
      'storage-newer',
      `${path} has format ${record.format}; this version reads up to ${fileFormat}. Use the newer version that wrote it.`,
    );
  }
  if (record.format !== fileFormat || record.value === undefined) throw damaged(path, 'it is not a record');
  if (record.checksum !== checksum(JSON.stringify(record.value))) throw damaged(path, 'its checksum does not hold');
  return record.value;
}

export function encodeInteraction(interaction: StoredInteraction): string {
  const text = JSON.stringify(interaction);
  return `${checksum(text)} ${text}\n`;
}

export interface DecodedInteractions {
  readonly interactions: StoredInteraction[];
  /** Length in bytes of the whole lines; what follows is the torn end of a line that was never acknowledged. */
  readonly wholeBytes: number;
}

/** @throws StorageError 'storage-damaged' for a whole line that does not hold, with its number. */
export function decodeInteractions(path: string, content: Buffer): DecodedInteractions {
  const wholeBytes = content.lastIndexOf(0x0a) + 1;
  const interactions: StoredInteraction[] = [];
  const lines = content.toString('utf8', 0, wholeBytes).split('\n');
  lines.pop();
  lines.forEach((line, index) => {
    const text = line.slice(17);
    if (line[16] !== ' ' || line.slice(0, 16) !== checksum(text))
      throw damaged(path, `line ${index + 1} does not hold`);
    interactions.push(JSON.parse(text));
  });
  return { interactions, wholeBytes };
}

export function damaged(path: string, what: string, cause?: unknown): StorageError {
  return new StorageError(
    'storage-damaged',
    `${path} is damaged: ${what}. Restore it from a backup, or move it away to start without it; nothing else is affected.`,
    { cause },
  );
}

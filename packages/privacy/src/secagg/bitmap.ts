/** Sets of roster indices on the wire: bitmaps (index j = bit j & 7 of byte j >> 3) and ascending u32le lists. */
import { SecureAggregationError } from './error.ts';

export function bitmapLength(n: number): number {
  return (n + 7) >> 3;
}

export function bitmapOf(members: Iterable<number>, n: number): Uint8Array {
  const bitmap = new Uint8Array(bitmapLength(n));
  for (const member of members) bitmap[member >> 3] |= 1 << (member & 7);
  return bitmap;
}

export function bitmapHas(bitmap: Uint8Array, index: number): boolean {
  return ((bitmap[index >> 3] >> (index & 7)) & 1) === 1;
}

/** Ascending. @throws SecureAggregationError 'malformed' on a wrong length or a spare bit that is not zero */
export function bitmapMembers(bitmap: Uint8Array, n: number, what: string): number[] {
  if (bitmap.length !== bitmapLength(n)) {
    throw new SecureAggregationError(
      'malformed',
      `${what} has ${bitmap.length} bytes; a bitmap of ${n} devices has ${bitmapLength(n)}.`,
    );
  }
  if (n % 8 !== 0 && bitmap[bitmap.length - 1] >> (n % 8) !== 0) {
    throw new SecureAggregationError('malformed', `${what} names devices beyond the ${n} of the roster.`);
  }
  const members: number[] = [];
  for (let index = 0; index < n; index++) if (bitmapHas(bitmap, index)) members.push(index);
  return members;
}

export function indexList(members: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * members.length);
  const view = new DataView(bytes.buffer);
  members.forEach((member, at) => {
    view.setUint32(4 * at, member, true);
  });
  return bytes;
}

/** @throws SecureAggregationError 'malformed' unless the indices are distinct, ascending and below n */
export function indicesOf(bytes: Uint8Array, n: number, what: string): number[] {
  if (bytes.length % 4 !== 0) {
    throw new SecureAggregationError('malformed', `${what} has ${bytes.length} bytes; an index has 4.`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const members: number[] = [];
  for (let at = 0, last = -1; at < bytes.length; at += 4) {
    const index = view.getUint32(at, true);
    if (index <= last || index >= n) {
      throw new SecureAggregationError('malformed', `${what} must hold distinct, ascending indices below ${n}.`);
    }
    members.push(index);
    last = index;
  }
  return members;
}

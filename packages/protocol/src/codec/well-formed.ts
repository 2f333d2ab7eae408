/**
 * What of msgpack a message may use, checked over the bytes before anything is decoded or allocated: maps with distinct text
 * keys, arrays, text, bytes, numbers, booleans, null. One value, no extension type, no deep nesting, no length past the end.
 */

/** Deepest nesting of maps and arrays; the deepest legal message has five levels. */
const deepest = 8;
/** Most keys of one map; the largest legal map has fewer than thirty. */
const mostKeys = 64;

class StructureError extends Error {}

/** What is wrong with the structure, as the end of a sentence about the message; null when nothing is. Never throws. */
export function msgpackProblem(bytes: Uint8Array): string | null {
  try {
    const end = afterValue(bytes, 0, 0);
    return end === bytes.length ? null : 'goes on after its end';
  } catch (error) {
    if (error instanceof StructureError) return error.message;
    throw error;
  }
}

/** Offset after the value that begins at `at`. */
function afterValue(bytes: Uint8Array, at: number, depth: number): number {
  if (at >= bytes.length) throw new StructureError('ends too early');
  const token = bytes[at];
  const next = at + 1;
  if (token <= 0x7f || token >= 0xe0) return next;
  if (token <= 0x8f) return afterMap(bytes, next, token & 0x0f, depth + 1);
  if (token <= 0x9f) return afterArray(bytes, next, token & 0x0f, depth + 1);
  if (token <= 0xbf) return skipped(bytes, next, token & 0x1f);
  switch (token) {
    case 0xc0: // null, false, true
    case 0xc2:
    case 0xc3:
      return next;
    case 0xc4: // bytes and text with a length of 8, 16 or 32 bits
    case 0xd9:
      return skipped(bytes, next + 1, lengthAt(bytes, next, 1));
    case 0xc5:
    case 0xda:
      return skipped(bytes, next + 2, lengthAt(bytes, next, 2));
    case 0xc6:
    case 0xdb:
      return skipped(bytes, next + 4, lengthAt(bytes, next, 4));
    case 0xcc: // numbers
    case 0xd0:
      return skipped(bytes, next, 1);
    case 0xcd:
    case 0xd1:
      return skipped(bytes, next, 2);
    case 0xca:
    case 0xce:
    case 0xd2:
      return skipped(bytes, next, 4);
    case 0xcb:
    case 0xcf:
    case 0xd3:
      return skipped(bytes, next, 8);
    case 0xdc:
      return afterArray(bytes, next + 2, lengthAt(bytes, next, 2), depth + 1);
    case 0xdd:
      return afterArray(bytes, next + 4, lengthAt(bytes, next, 4), depth + 1);
    case 0xde:
      return afterMap(bytes, next + 2, lengthAt(bytes, next, 2), depth + 1);
    case 0xdf:
      return afterMap(bytes, next + 4, lengthAt(bytes, next, 4), depth + 1);
    default:
      throw new StructureError('uses an extension type, which no message has');
  }
}

function afterArray(bytes: Uint8Array, start: number, length: number, depth: number): number {
  checkNesting(bytes, start, length, depth);
  let at = start;
  for (let i = 0; i < length; i++) at = afterValue(bytes, at, depth);
  return at;
}

function afterMap(bytes: Uint8Array, start: number, length: number, depth: number): number {
  checkNesting(bytes, start, 2 * length, depth);
  if (length > mostKeys) throw new StructureError(`has a map of ${length} keys; expected at most ${mostKeys}`);
  const seen = new Set<string>();
  let at = start;
  for (let i = 0; i < length; i++) {
    const text = textStart(bytes, at);
    const end = afterValue(bytes, at, depth);
    // One character per byte: keys are compared as they came, whatever their encoding is worth.
    const key = String.fromCharCode(...bytes.subarray(text, Math.min(end, text + 64)));
    if (seen.has(key)) throw new StructureError('has one key twice');
    seen.add(key);
    at = afterValue(bytes, end, depth);
  }
  return at;
}

/** Where the bytes of the text at `at` begin. */
function textStart(bytes: Uint8Array, at: number): number {
  const token = bytes[at];
  if (token >= 0xa0 && token <= 0xbf) return at + 1;
  if (token === 0xd9) return at + 2;
  throw new StructureError('has a key that is not short text');
}

function checkNesting(bytes: Uint8Array, at: number, least: number, depth: number): void {
  if (depth > deepest) throw new StructureError(`is nested more than ${deepest} deep`);
  if (least > bytes.length - at) throw new StructureError('ends too early');
}

function lengthAt(bytes: Uint8Array, at: number, width: 1 | 2 | 4): number {
  skipped(bytes, at, width);
  let length = 0;
  for (let i = 0; i < width; i++) length = length * 256 + bytes[at + i];
  return length;
}

function skipped(bytes: Uint8Array, at: number, length: number): number {
  if (at + length > bytes.length) throw new StructureError('ends too early');
  return at + length;
}

/** Length-prefixed framing of everything that is hashed, signed or derived from, so that no two meanings share one encoding. */

const encoder = new TextEncoder();

/** Unsigned 32-bit little-endian. @throws RangeError outside [0, 2^32). */
export function u32le(value: number): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
    throw new RangeError(`${value} is not an unsigned 32-bit integer.`);
  }
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

/** Unsigned 64-bit little-endian of a safe integer. @throws RangeError outside [0, 2^53). */
export function u64le(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} is not a non-negative safe integer.`);
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
  return bytes;
}

/**
 * IEEE 754 binary64, little-endian, one encoding per number: -0 is 0, and NaN, which has many, is none.
 * @throws RangeError on NaN
 */
export function f64le(value: number): Uint8Array {
  if (Number.isNaN(value)) throw new RangeError('NaN has no canonical encoding.');
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value === 0 ? 0 : value, true);
  return bytes;
}

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** utf8(label), 0x00, then for each part u32le(length) and its bytes. */
export function frame(label: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const name = encoder.encode(label);
  let length = name.length + 1;
  for (const part of parts) length += 4 + part.length;
  const out = new Uint8Array(length);
  out.set(name, 0);
  let at = name.length + 1;
  for (const part of parts) {
    out.set(u32le(part.length), at);
    out.set(part, at + 4);
    at += 4 + part.length;
  }
  return out;
}

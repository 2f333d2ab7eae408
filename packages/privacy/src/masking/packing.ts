/** Dense little-endian packing: element e at bits [e b, (e + 1) b), padded with zeros to a byte. */
import { checkPacked, maskOf, packedLength } from './layout.ts';

/** @param values each below 2^bits */
export function packValues(values: Uint32Array, bits: number): Uint8Array {
  const length = packedLength(values.length, bits);
  const words = Math.ceil(length / 4);
  const view = new DataView(new ArrayBuffer(4 * words));
  let [word, have, at] = [0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    word |= value << have;
    have += bits;
    if (have < 32) continue;
    view.setUint32(at, word, true);
    at += 4;
    have -= 32;
    // What did not fit; a shift by 32 would be none.
    word = have === 0 ? 0 : value >>> (bits - have);
  }
  if (have > 0) view.setUint32(at, word, true);
  return new Uint8Array(view.buffer, 0, length);
}

/** @throws RangeError on a wrong length, or on padding that is not zero */
export function unpackValues(bytes: Uint8Array, length: number, bits: number): Uint32Array {
  checkPacked(bytes, length, bits);
  const values = new Uint32Array(length);
  // Whole words, and one more that may be read.
  const padded = new Uint8Array(4 * Math.ceil(bytes.length / 4) + 4);
  padded.set(bytes);
  const view = new DataView(padded.buffer);
  const mask = maskOf(bits);
  for (let i = 0, bit = 0; i < length; i++, bit += bits) {
    const at = 4 * Math.floor(bit / 32);
    const shift = bit % 32;
    let value = view.getUint32(at, true) >>> shift;
    if (shift + bits > 32) value |= view.getUint32(at + 4, true) << (32 - shift);
    values[i] = value & mask;
  }
  return values;
}

/** ChaCha20 (RFC 8439 section 2.3) in plain TypeScript, as words. */

/** The stream of a seed and a section: nonce u32le(section) and eight zero bytes. */
export interface WordStream {
  /** Fills `out` with whole blocks of 16 words, from block `counter` on. */
  fill(out: Uint32Array, counter: number): void;
}

export function portableStream(seed: Uint8Array, section: number): WordStream {
  const view = new DataView(seed.buffer, seed.byteOffset, 32);
  const key = Int32Array.from({ length: 8 }, (_, i) => view.getInt32(4 * i, true));
  return {
    fill(out, counter) {
      for (let at = 0; at < out.length; at += 16) block(key, counter++, section, out, at);
    },
  };
}

function block(key: Int32Array, counter: number, nonce: number, out: Uint32Array, at: number): void {
  const [k0, k1, k2, k3, k4, k5, k6, k7] = [key[0], key[1], key[2], key[3], key[4], key[5], key[6], key[7]];
  let [x0, x1, x2, x3] = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574];
  let [x4, x5, x6, x7, x8, x9, x10, x11] = [k0, k1, k2, k3, k4, k5, k6, k7];
  let [x12, x13, x14, x15] = [counter | 0, nonce | 0, 0, 0];
  for (let round = 0; round < 10; round++) {
    x0 = (x0 + x4) | 0;
    x12 ^= x0;
    x12 = (x12 << 16) | (x12 >>> 16);
    x8 = (x8 + x12) | 0;
    x4 ^= x8;
    x4 = (x4 << 12) | (x4 >>> 20);
    x0 = (x0 + x4) | 0;
    x12 ^= x0;
    x12 = (x12 << 8) | (x12 >>> 24);
    x8 = (x8 + x12) | 0;
    x4 ^= x8;
    x4 = (x4 << 7) | (x4 >>> 25);
    x1 = (x1 + x5) | 0;
    x13 ^= x1;
    x13 = (x13 << 16) | (x13 >>> 16);
    x9 = (x9 + x13) | 0;
    x5 ^= x9;
    x5 = (x5 << 12) | (x5 >>> 20);
    x1 = (x1 + x5) | 0;
    x13 ^= x1;
    x13 = (x13 << 8) | (x13 >>> 24);
    x9 = (x9 + x13) | 0;
    x5 ^= x9;
    x5 = (x5 << 7) | (x5 >>> 25);
    x2 = (x2 + x6) | 0;
    x14 ^= x2;
    x14 = (x14 << 16) | (x14 >>> 16);
    x10 = (x10 + x14) | 0;
    x6 ^= x10;
    x6 = (x6 << 12) | (x6 >>> 20);
    x2 = (x2 + x6) | 0;
    x14 ^= x2;
    x14 = (x14 << 8) | (x14 >>> 24);
    x10 = (x10 + x14) | 0;
    x6 ^= x10;
    x6 = (x6 << 7) | (x6 >>> 25);
    x3 = (x3 + x7) | 0;
    x15 ^= x3;
    x15 = (x15 << 16) | (x15 >>> 16);
    x11 = (x11 + x15) | 0;
    x7 ^= x11;
    x7 = (x7 << 12) | (x7 >>> 20);
    x3 = (x3 + x7) | 0;
    x15 ^= x3;
    x15 = (x15 << 8) | (x15 >>> 24);
    x11 = (x11 + x15) | 0;
    x7 ^= x11;
    x7 = (x7 << 7) | (x7 >>> 25);
    x0 = (x0 + x5) | 0;
    x15 ^= x0;
    x15 = (x15 << 16) | (x15 >>> 16);
    x10 = (x10 + x15) | 0;
    x5 ^= x10;
    x5 = (x5 << 12) | (x5 >>> 20);
    x0 = (x0 + x5) | 0;
    x15 ^= x0;
    x15 = (x15 << 8) | (x15 >>> 24);
    x10 = (x10 + x15) | 0;
    x5 ^= x10;
    x5 = (x5 << 7) | (x5 >>> 25);
    x1 = (x1 + x6) | 0;
    x12 ^= x1;
    x12 = (x12 << 16) | (x12 >>> 16);
    x11 = (x11 + x12) | 0;
    x6 ^= x11;
    x6 = (x6 << 12) | (x6 >>> 20);
    x1 = (x1 + x6) | 0;
    x12 ^= x1;
    x12 = (x12 << 8) | (x12 >>> 24);
    x11 = (x11 + x12) | 0;
    x6 ^= x11;
    x6 = (x6 << 7) | (x6 >>> 25);
    x2 = (x2 + x7) | 0;
    x13 ^= x2;
    x13 = (x13 << 16) | (x13 >>> 16);
    x8 = (x8 + x13) | 0;
    x7 ^= x8;
    x7 = (x7 << 12) | (x7 >>> 20);
    x2 = (x2 + x7) | 0;
    x13 ^= x2;
    x13 = (x13 << 8) | (x13 >>> 24);
    x8 = (x8 + x13) | 0;
    x7 ^= x8;
    x7 = (x7 << 7) | (x7 >>> 25);
    x3 = (x3 + x4) | 0;
    x14 ^= x3;
    x14 = (x14 << 16) | (x14 >>> 16);
    x9 = (x9 + x14) | 0;
    x4 ^= x9;
    x4 = (x4 << 12) | (x4 >>> 20);
    x3 = (x3 + x4) | 0;
    x14 ^= x3;
    x14 = (x14 << 8) | (x14 >>> 24);
    x9 = (x9 + x14) | 0;
    x4 ^= x9;
    x4 = (x4 << 7) | (x4 >>> 25);
  }
  out[at] = x0 + 0x61707865;
  out[at + 1] = x1 + 0x3320646e;
  out[at + 2] = x2 + 0x79622d32;
  out[at + 3] = x3 + 0x6b206574;
  out[at + 4] = x4 + k0;
  out[at + 5] = x5 + k1;
  out[at + 6] = x6 + k2;
  out[at + 7] = x7 + k3;
  out[at + 8] = x8 + k4;
  out[at + 9] = x9 + k5;
  out[at + 10] = x10 + k6;
  out[at + 11] = x11 + k7;
  out[at + 12] = x12 + counter;
  out[at + 13] = x13 + nonce;
  out[at + 14] = x14;
  out[at + 15] = x15;
}

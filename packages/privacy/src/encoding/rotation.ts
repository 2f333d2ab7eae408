/**
 * The randomised rotation U of PRIVACY section 4, step 2: it spreads a vector's norm evenly over the coordinates, so that a sum
 * of many fits few bits. No padding: two overlapping windows of a power of two, each rotated by H D / sqrt(2^p).
 */
import { chacha20 } from '@noble/ciphers/chacha.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { frame, u32le } from '../bytes/index.ts';
import { EncodingError } from './section.ts';
import { walshHadamardInPlace } from './walsh-hadamard.ts';

const blockBytes = 64;
const hashBytes = 32;

/** Coordinates of a window of a rotation of d >= 1 coordinates: 2^p, p = floor(log2 d). */
export function windowSize(length: number): number {
  return 2 ** (31 - Math.clz32(length));
}

/**
 * Signs of the rotation: the ChaCha20 stream under HKDF-SHA256(roundHash, no salt, frame("tributary/v1/rotation", section)), its
 * nonce u32le(section) and eight zero bytes; bit e is bit e & 7 of byte e >> 3, and 1 is minus.
 * @param roundHash 32 bytes
 * @param section unsigned 32-bit index
 * @param count how many, from bit `start` on
 * @returns count entries, each 1 or -1
 * @throws EncodingError on a hash of another length
 */
export function rotationSigns(roundHash: Uint8Array, section: number, count: number, start = 0): Int8Array {
  const { bytes, first } = signBits(roundHash, section, count, start);
  const signs = new Int8Array(count);
  for (let i = 0, bit = first; i < count; i++, bit++) signs[i] = 1 - 2 * ((bytes[bit >> 3] >> (bit & 7)) & 1);
  return signs;
}

/**
 * The same signs as bits, for windows of one vector: bit e is bit e & 7 of byte e >> 3, and 1 is minus. The first window begins at bit 0,
 * the second at bit `windowSize(d)`.
 * @returns whole blocks of the stream: at least `count` bits
 * @throws EncodingError on a hash of another length
 */
export function rotationSignBits(roundHash: Uint8Array, section: number, count: number): Uint8Array {
  return signBits(roundHash, section, count, 0).bytes;
}

/** x <- U x in place. @param x d >= 1 coordinates @throws EncodingError on a hash that is not 32 bytes long */
export function rotateInPlace(x: Float32Array, roundHash: Uint8Array, section: number): void {
  for (const { window, start } of windowsOf(x)) {
    flipAndScale(window, roundHash, section, start);
    walshHadamardInPlace(window);
  }
}

/** x <- U^-1 x in place: H is its own inverse up to the scale, so the same steps, each the other way round. Throws alike. */
export function unrotateInPlace(x: Float32Array, roundHash: Uint8Array, section: number): void {
  for (const { window, start } of windowsOf(x).reverse()) {
    walshHadamardInPlace(window);
    flipAndScale(window, roundHash, section, start);
  }
}

/** The first 2^p coordinates and, where there are more, the last 2^p, with the stream position of each one's signs. */
function windowsOf(x: Float32Array): { readonly window: Float32Array; readonly start: number }[] {
  if (x.length === 0) throw new EncodingError('A rotation needs at least one coordinate; got none.');
  const size = windowSize(x.length);
  const first = { window: x.subarray(0, size), start: 0 };
  return x.length === size ? [first] : [first, { window: x.subarray(x.length - size), start: size }];
}

/** x <- D x / sqrt(2^p), for a window of 2^p coordinates whose signs begin at bit `start`, a multiple of 2^p. */
function flipAndScale(x: Float32Array, roundHash: Uint8Array, section: number, start: number): void {
  const scale = 1 / Math.sqrt(x.length);
  if (x.length < 8) {
    rotationSigns(roundHash, section, x.length, start).forEach((sign, i) => {
      x[i] *= sign * scale;
    });
    return;
  }
  const { bytes, first } = signBits(roundHash, section, x.length, start);
  const factors = Float64Array.of(scale, -scale);
  // Whole bytes, written out: three times as fast as a loop over bits.
  for (let i = 0, at = first >> 3; i < x.length; i += 8, at++) {
    const byte = bytes[at];
    x[i] *= factors[byte & 1];
    x[i + 1] *= factors[(byte >> 1) & 1];
    x[i + 2] *= factors[(byte >> 2) & 1];
    x[i + 3] *= factors[(byte >> 3) & 1];
    x[i + 4] *= factors[(byte >> 4) & 1];
    x[i + 5] *= factors[(byte >> 5) & 1];
    x[i + 6] *= factors[(byte >> 6) & 1];
    x[i + 7] *= factors[byte >> 7];
  }
}

/** The blocks of the stream that hold bits start .. start + count - 1, and where in them the first one is. */
function signBits(roundHash: Uint8Array, section: number, count: number, start: number) {
  if (roundHash.length !== hashBytes) {
    throw new EncodingError(`A round's hash has ${hashBytes} bytes; got ${roundHash.length}.`);
  }
  const key = hkdf(sha256, roundHash, new Uint8Array(0), frame('tributary/v1/rotation', u32le(section)), 32);
  const nonce = new Uint8Array(12);
  nonce.set(u32le(section));
  const blockBits = 8 * blockBytes;
  const firstBlock = Math.floor(start / blockBits);
  const blocks = Math.ceil((start + count) / blockBits) - firstBlock;
  const bytes = chacha20(key, nonce, new Uint8Array(blocks * blockBytes), undefined, firstBlock);
  return { bytes, first: start - firstBlock * blockBits };
}

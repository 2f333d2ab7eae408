/**
 * A pair of shares from one device to another, in `nacl.secretbox` (XSalsa20-Poly1305) under the pair's key:
 * nonce 24 | box of [u32le dealer, u32le recipient, share of the mask key 32, share of the self mask 32]. One message per key.
 */
import nacl from 'tweetnacl';
import type { SecureRandom } from '../random/secure-random.ts';

const nonceBytes = nacl.secretbox.nonceLength;
const plainBytes = 4 + 4 + 32 + 32;
/** 112 */
export const shareBoxBytes = nonceBytes + nacl.secretbox.overheadLength + plainBytes;

export interface SharePair {
  /** Of the dealer's X25519 mask secret (s). */
  readonly maskKey: Uint8Array;
  /** Of its self mask (b). */
  readonly selfMask: Uint8Array;
}

export function sealShares(
  key: Uint8Array,
  dealer: number,
  recipient: number,
  shares: SharePair,
  random: SecureRandom,
): Uint8Array {
  const plain = new Uint8Array(plainBytes);
  const view = new DataView(plain.buffer);
  view.setUint32(0, dealer, true);
  view.setUint32(4, recipient, true);
  plain.set(shares.maskKey, 8);
  plain.set(shares.selfMask, 40);
  const nonce = random.bytes(nonceBytes);
  const box = new Uint8Array(shareBoxBytes);
  box.set(nonce, 0);
  box.set(nacl.secretbox(plain, nonce, key), nonceBytes);
  plain.fill(0);
  return box;
}

/** Null for what was not dealt by that device to this one under this key. */
export function openShares(box: Uint8Array, key: Uint8Array, dealer: number, recipient: number): SharePair | null {
  const plain = nacl.secretbox.open(box.subarray(nonceBytes), box.subarray(0, nonceBytes), key);
  if (plain?.length !== plainBytes) return null;
  const view = new DataView(plain.buffer, plain.byteOffset, plain.length);
  if (view.getUint32(0, true) !== dealer || view.getUint32(4, true) !== recipient) return null;
  return { maskKey: plain.slice(8, 40), selfMask: plain.slice(40, 72) };
}

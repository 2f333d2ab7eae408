/**
 * Ed25519 (RFC 8032), two implementations that accept the same signatures: S below the group order, canonical encodings, no key of
 * small order, and the equation without its cofactor, R = S B - k A, compared as bytes (section 5.1.7 allows either equation; one
 * set of valid signatures is what matters). Whatever they accept, a verifier that multiplies by the cofactor accepts too.
 */
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { equalBytes } from '../bytes/compare.ts';
import { hexToBytes } from '../bytes/hex.ts';
import { type NodeCrypto, nativePrivateKey, nativePublicKey, nativePublicOf, nodeCrypto } from './native-keys.ts';
import { revealSecret, type SecretKey } from './secret-key.ts';

export interface Ed25519 {
  publicKeyOf(secret: SecretKey): Uint8Array;
  sign(message: Uint8Array, secret: SecretKey): Uint8Array;
  /** Never throws. */
  verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;
}

const { Point } = ed25519;
const order = Point.CURVE().n;

export const portableEd25519: Ed25519 = {
  publicKeyOf: (secret) => ed25519.getPublicKey(revealSecret(secret)),
  sign: (message, secret) => ed25519.sign(message, revealSecret(secret)),
  verify(signature, message, publicKey) {
    if (!isWellFormed(signature, publicKey)) return false;
    try {
      const a = Point.fromBytes(publicKey, false);
      const r = signature.subarray(0, 32);
      const s = fromLittleEndian(signature.subarray(32));
      const hash = sha512.create().update(r).update(publicKey).update(message).digest();
      const k = fromLittleEndian(hash) % order;
      const expected = Point.BASE.multiplyUnsafe(s).subtract(a.multiplyUnsafe(k));
      return equalBytes(expected.toBytes(), r);
    } catch {
      return false;
    }
  },
};

/** Node's; null where the runtime has none. */
export const nativeEd25519: Ed25519 | null = nodeCrypto ? nativeOver(nodeCrypto) : null;

function nativeOver(crypto: NodeCrypto): Ed25519 {
  return {
    publicKeyOf: (secret) => nativePublicOf(crypto, 'ed25519', secret),
    sign: (message, secret) => new Uint8Array(crypto.sign(null, message, nativePrivateKey(crypto, 'ed25519', secret))),
    verify(signature, message, publicKey) {
      if (!isWellFormed(signature, publicKey)) return false;
      try {
        return crypto.verify(null, message, nativePublicKey(crypto, 'ed25519', publicKey), signature);
      } catch {
        return false;
      }
    },
  };
}

function fromLittleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]);
  return value;
}

/**
 * Lengths, S < L, key and R in their one encoding, a key that is not of small order. OpenSSL leaves the key to its caller; the rest it
 * checks too, but what stands behind another runtime's node:crypto may not.
 */
function isWellFormed(signature: Uint8Array, publicKey: Uint8Array): boolean {
  if (signature.length !== 64 || publicKey.length !== 32) return false;
  if (!isBelow(signature.subarray(32), orderBytes)) return false;
  return isCanonical(signature.subarray(0, 32)) && isCanonical(publicKey) && !isSmallOrder(publicKey);
}

const orderBytes = littleEndian(order);
const primeBytes = littleEndian(2n ** 255n - 19n);

function littleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}

/** Both 32 bytes, little-endian. */
function isBelow(value: Uint8Array, bound: Uint8Array): boolean {
  for (let i = 31; i >= 0; i--) if (value[i] !== bound[i]) return value[i] < bound[i];
  return false;
}

/** y below the prime; the sign of x, the top bit, clear where x is 0, which has no sign (RFC 8032 section 5.1.3). */
function isCanonical(point: Uint8Array): boolean {
  const y = withoutSign(point);
  if (!isBelow(y, primeBytes)) return false;
  return y[31] === point[31] || !xIsZero.some((one) => equalBytes(one, y));
}

function isSmallOrder(point: Uint8Array): boolean {
  const y = withoutSign(point);
  return smallOrder.some((one) => equalBytes(one, y));
}

function withoutSign(point: Uint8Array): Uint8Array {
  const y = Uint8Array.from(point);
  y[31] &= 0x7f;
  return y;
}

/** y of the eight points of small order, whatever the sign of x: 1 and -1 first, where x is 0. */
const smallOrder = [
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
].map(hexToBytes);
const xIsZero = smallOrder.slice(0, 2);

/** X25519 (RFC 7748), two implementations of one function; a key of low order agrees to nothing, in both. */
import nacl from 'tweetnacl';
import {
  type NodeCrypto,
  nativePrivateKey,
  nativePublicKey,
  nativePublicOf,
  nodeCrypto,
} from '../identity/native-keys.ts';
import { revealSecret, type SecretKey } from '../identity/secret-key.ts';

export interface X25519 {
  publicKeyOf(secret: SecretKey): Uint8Array;
  /** The raw output, null where it is all zero (section 6.1). */
  agree(secret: SecretKey, publicKey: Uint8Array): Uint8Array | null;
}

export const portableX25519: X25519 = {
  publicKeyOf: (secret) => nacl.scalarMult.base(revealSecret(secret)),
  agree(secret, publicKey) {
    const shared = nacl.scalarMult(revealSecret(secret), publicKey);
    return isZero(shared) ? null : shared;
  },
};

/** Node's; null where the runtime has none. */
export const nativeX25519: X25519 | null = nodeCrypto ? nativeOver(nodeCrypto) : null;

function nativeOver(crypto: NodeCrypto): X25519 {
  return {
    publicKeyOf: (secret) => nativePublicOf(crypto, 'x25519', secret),
    agree(secret, publicKey) {
      const privateKey = nativePrivateKey(crypto, 'x25519', secret);
      try {
        const shared = new Uint8Array(
          crypto.diffieHellman({ privateKey, publicKey: nativePublicKey(crypto, 'x25519', publicKey) }),
        );
        return isZero(shared) ? null : shared;
      } catch {
        // OpenSSL derives nothing from a point of low order.
        return null;
      }
    },
  };
}

/** Without a branch on a secret byte. */
function isZero(bytes: Uint8Array): boolean {
  let any = 0;
  for (const byte of bytes) any |= byte;
  return any === 0;
}

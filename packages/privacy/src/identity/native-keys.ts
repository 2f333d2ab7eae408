/**
 * Node's own Curve25519, found without an import so that pages never see one, and its key objects. Making a key object costs as
 * much as using it: public ones are kept, a bounded number; private ones as long as their secret.
 */
import { revealSecret, type SecretKey } from './secret-key.ts';

interface KeyObject {
  export(options: { readonly format: 'der'; readonly type: 'spki' }): Uint8Array;
}
interface NativeMac {
  update(bytes: Uint8Array): NativeMac;
  digest(): Uint8Array;
}
interface PublicJwk {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519' | 'X25519';
  readonly x: string;
}
export interface NodeCrypto {
  createPublicKey(key: { readonly key: PublicJwk; readonly format: 'jwk' } | KeyObject): KeyObject;
  createPrivateKey(key: { readonly key: Uint8Array; readonly format: 'der'; readonly type: 'pkcs8' }): KeyObject;
  diffieHellman(keys: { readonly privateKey: KeyObject; readonly publicKey: KeyObject }): Uint8Array;
  sign(algorithm: null, message: Uint8Array, key: KeyObject): Uint8Array;
  verify(algorithm: null, message: Uint8Array, key: KeyObject, signature: Uint8Array): boolean;
  createHmac(hash: 'sha256', key: Uint8Array): NativeMac;
  hkdfSync(hash: 'sha256', ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): ArrayBuffer;
}
interface NodeProcess {
  readonly versions?: { readonly bun?: string };
  getBuiltinModule?(name: 'node:crypto'): (Partial<NodeCrypto> & { readonly Buffer?: unknown }) | undefined;
}

const found = (globalThis as { process?: NodeProcess }).process?.getBuiltinModule?.('node:crypto');

/** Null where the runtime has none. */
export const nodeCrypto: NodeCrypto | null =
  found?.createPublicKey &&
  found.createPrivateKey &&
  found.diffieHellman &&
  found.sign &&
  found.verify &&
  found.hkdfSync
    ? (found as NodeCrypto)
    : null;

type Curve = 'ed25519' | 'x25519';

/** DER in front of 32 raw bytes of a private key (RFC 8410). A JSON Web Key would be faster, but leave the secret in a string. */
const privatePrefix = {
  ed25519: Uint8Array.of(48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32),
  x25519: Uint8Array.of(48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 110, 4, 34, 4, 32),
} as const satisfies Record<Curve, Uint8Array>;
const jwkCurve = { ed25519: 'Ed25519', x25519: 'X25519' } as const;

const mostPublicKeys = 8192;
const publicKeys = { ed25519: new Map<string, KeyObject>(), x25519: new Map<string, KeyObject>() };

/** @throws Error where the bytes are no key of the curve */
export function nativePublicKey(crypto: NodeCrypto, curve: Curve, raw: Uint8Array): KeyObject {
  const keys = publicKeys[curve];
  const x = base64url(raw);
  const before = keys.get(x);
  if (before) return before;
  const key = crypto.createPublicKey({ key: { kty: 'OKP', crv: jwkCurve[curve], x }, format: 'jwk' });
  // The oldest goes.
  if (keys.size >= mostPublicKeys) for (const oldest of keys.keys()) if (keys.delete(oldest)) break;
  keys.set(x, key);
  return key;
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

const privateKeys = { ed25519: new WeakMap<SecretKey, KeyObject>(), x25519: new WeakMap<SecretKey, KeyObject>() };

export function nativePrivateKey(crypto: NodeCrypto, curve: Curve, secret: SecretKey): KeyObject {
  // Also where the key object is known: a secret that was forgotten is not to be used.
  const raw = revealSecret(secret);
  const before = privateKeys[curve].get(secret);
  if (before) return before;
  const prefix = privatePrefix[curve];
  const bytes = new Uint8Array(prefix.length + raw.length);
  bytes.set(prefix);
  bytes.set(raw, prefix.length);
  const key = crypto.createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' });
  bytes.fill(0);
  privateKeys[curve].set(secret, key);
  return key;
}

/** The public key that belongs to a secret one. */
export function nativePublicOf(crypto: NodeCrypto, curve: Curve, secret: SecretKey): Uint8Array {
  const spki = crypto.createPublicKey(nativePrivateKey(crypto, curve, secret)).export({ format: 'der', type: 'spki' });
  return new Uint8Array(spki.subarray(spki.length - 32));
}

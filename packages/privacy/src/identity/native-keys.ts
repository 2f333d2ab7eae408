/** Node's own Curve25519, found without an import so that pages never see one, and its key objects. */
import { revealSecret, type SecretKey } from './secret-key.ts';

interface KeyObject {
  export(options: { readonly format: 'der'; readonly type: 'spki' }): Uint8Array;
}
interface NativeMac {
  update(bytes: Uint8Array): NativeMac;
  digest(): Uint8Array;
}
interface PublicKeyInput {
  readonly key: { readonly kty: 'OKP'; readonly crv: 'Ed25519' | 'X25519'; readonly x: string };
  readonly format: 'jwk';
}
export interface NodeCrypto {
  createPublicKey(key: PublicKeyInput | KeyObject): KeyObject;
  createPrivateKey(key: { readonly key: Uint8Array; readonly format: 'der'; readonly type: 'pkcs8' }): KeyObject;
  diffieHellman(keys: { readonly privateKey: KeyObject; readonly publicKey: KeyObject }): Uint8Array;
  sign(algorithm: null, message: Uint8Array, key: KeyObject): Uint8Array;
  verify(algorithm: null, message: Uint8Array, key: KeyObject, signature: Uint8Array): boolean;
  createHmac(hash: 'sha256', key: Uint8Array): NativeMac;
  hkdfSync(hash: 'sha256', ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): ArrayBuffer;
}
interface NodeProcess {
  getBuiltinModule?(name: 'node:crypto'): Partial<NodeCrypto> | undefined;
}

const found = (globalThis as { process?: NodeProcess }).process?.getBuiltinModule?.('node:crypto');

/** Null where the runtime has none. */
export const nodeCrypto: NodeCrypto | null =
  found?.createPublicKey &&
  found.createPrivateKey &&
  found.diffieHellman &&
  found.sign &&
  found.verify &&
  found.createHmac &&
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

/**
 * As a JSON Web Key, which is read in a twentieth of the time that DER takes (7 against 127 µs). That is a twentieth of what the
 * key is then used for, so none are kept.
 *
 * @throws Error where the bytes are no key of the curve
 */
export function nativePublicKey(crypto: NodeCrypto, curve: Curve, raw: Uint8Array): KeyObject {
  return crypto.createPublicKey({ key: { kty: 'OKP', crv: jwkCurve[curve], x: base64url(raw) }, format: 'jwk' });
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/** By the bytes that `revealSecret` gives: with a forgotten secret, its key object goes too. */
const privateKeys = { ed25519: new WeakMap<Uint8Array, KeyObject>(), x25519: new WeakMap<Uint8Array, KeyObject>() };

/** Reading a private key costs several times what it is used for: kept as long as its secret. */
export function nativePrivateKey(crypto: NodeCrypto, curve: Curve, secret: SecretKey): KeyObject {
  const raw = revealSecret(secret);
  const before = privateKeys[curve].get(raw);
  if (before) return before;
  const prefix = privatePrefix[curve];
  const bytes = new Uint8Array(prefix.length + raw.length);
  bytes.set(prefix);
  bytes.set(raw, prefix.length);
  const key = crypto.createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' });
  bytes.fill(0);
  privateKeys[curve].set(raw, key);
  return key;
}

/** The public key that belongs to a secret one. */
export function nativePublicOf(crypto: NodeCrypto, curve: Curve, secret: SecretKey): Uint8Array {
  const spki = crypto.createPublicKey(nativePrivateKey(crypto, curve, secret)).export({ format: 'der', type: 'spki' });
  return new Uint8Array(spki.subarray(spki.length - 32));
}

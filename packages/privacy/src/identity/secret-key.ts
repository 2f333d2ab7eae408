/** Secret bytes that do not show themselves: not in JSON, not in a string, not in an inspected object. */

const secrets = new WeakMap<object, Uint8Array>();

/** An opaque 32-byte secret. Only `revealSecret` gives its bytes. */
export interface SecretKey {
  readonly kind: 'secret';
}

/** Wraps a copy of the bytes. @throws RangeError when they are not 32. */
export function secretKey(bytes: Uint8Array): SecretKey {
  if (bytes.length !== 32) throw new RangeError(`A secret key has 32 bytes; got ${bytes.length}.`);
  const secret: SecretKey = Object.freeze({ kind: 'secret' });
  secrets.set(secret, bytes.slice());
  return secret;
}

/** The bytes, for a cryptographic operation or for the device's own storage. Never log or send them. */
export function revealSecret(secret: SecretKey): Uint8Array {
  const bytes = secrets.get(secret);
  if (!bytes) throw new TypeError('Not a secret key made by secretKey().');
  return bytes;
}

/** Overwrites the bytes; the secret cannot be revealed again. */
export function forgetSecret(secret: SecretKey): void {
  secrets.get(secret)?.fill(0);
  secrets.delete(secret);
}

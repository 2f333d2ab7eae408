/** Encryption at rest: AES-256-GCM under a key of this origin that no script can read out (WebCrypto, not extractable). */
import { StorageError } from '../../errors/tributary-error.ts';

const algorithm = 'AES-GCM';
/** Bytes of the nonce in front of every ciphertext. */
const nonceBytes = 12;

export function createKey(crypto: Crypto): Promise<CryptoKey> {
  return crypto.subtle.generateKey({ name: algorithm, length: 256 }, false, ['encrypt', 'decrypt']);
}

/**
 * [nonce | ciphertext | tag] of a value as JSON.
 * @param place what the value is; one that was moved to another place does not open
 */
export async function encryptValue(
  crypto: Crypto,
  key: CryptoKey,
  place: string,
  value: unknown,
): Promise<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  const nonce = crypto.getRandomValues(new Uint8Array(nonceBytes));
  const sealed = await crypto.subtle.encrypt(
    { name: algorithm, iv: nonce, additionalData: encoder.encode(place) },
    key,
    encoder.encode(JSON.stringify(value)),
  );
  const bytes = new Uint8Array(nonceBytes + sealed.byteLength);
  bytes.set(nonce);
  bytes.set(new Uint8Array(sealed), nonceBytes);
  return bytes;
}

/** @throws StorageError 'storage-damaged' where the bytes were not made by `encryptValue` with this key and place */
export async function decryptValue(crypto: Crypto, key: CryptoKey, place: string, bytes: Uint8Array): Promise<unknown> {
  try {
    const opened = await crypto.subtle.decrypt(
      { name: algorithm, iv: bytes.slice(0, nonceBytes), additionalData: new TextEncoder().encode(place) },
      key,
      bytes.slice(nonceBytes),
    );
    return JSON.parse(new TextDecoder().decode(opened));
  } catch (cause) {
    throw new StorageError(
      'storage-damaged',
      `What the browser keeps as '${place}' is damaged. Erase this site's data (wipe) to start without it.`,
      { cause },
    );
  }
}

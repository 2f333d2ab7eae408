/** Bytes as text, by btoa and atob (in Hermes since React Native 0.74). */

/** Bytes at a time: a call's arguments lie on the stack. A multiple of 3. */
const slice = 3 * 4096;

export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += slice) {
    text += btoa(String.fromCharCode(...bytes.subarray(at, at + slice)));
  }
  return text;
}

/** @throws an error on text that is not base64 */
export function fromBase64(text: string): Uint8Array {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

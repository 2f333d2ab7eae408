/**
 * Text of UTF-8 bytes, without a byte order mark. Where the runtime has no TextDecoder (React Native has none before Hermes V1), by
 * decodeURIComponent, which is as strict.
 * @throws TypeError or URIError on bytes that are not UTF-8
 */
export function utf8Text(bytes: Uint8Array): string {
  const Decoder = globalThis.TextDecoder as typeof TextDecoder | undefined;
  return Decoder ? new Decoder('utf-8', { fatal: true }).decode(bytes) : portableUtf8Text(bytes);
}

const escapes = Array.from({ length: 256 }, (_, byte) =>
  byte < 0x80 && byte !== 0x25 ? String.fromCharCode(byte) : `%${byte.toString(16).padStart(2, '0')}`,
);

/** Bytes at a time; a character is never split. */
const slice = 1 << 16;

export function portableUtf8Text(bytes: Uint8Array): string {
  let text = '';
  for (let from = 0; from < bytes.length; ) {
    let to = Math.min(bytes.length, from + slice);
    // Back to where a character begins. One is 4 bytes long at most; what goes on for longer is no UTF-8, and is refused below.
    for (let back = 0; back < 3 && to < bytes.length && (bytes[to] & 0xc0) === 0x80; back++) to--;
    let escaped = '';
    for (let at = from; at < to; at++) escaped += escapes[bytes[at]];
    text += decodeURIComponent(escaped);
    from = to;
  }
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

/** Reads what went over one websocket connection from its TCP bytes (RFC 6455 section 5.2), masks taken off. */

export interface Frame {
  readonly kind: 'text' | 'binary';
  readonly payload: Uint8Array;
}

/** Data frames after the HTTP upgrade, in order; a frame that was cut off is left out. */
export function websocketFrames(tcp: Uint8Array): Frame[] {
  const bytes = Buffer.from(tcp.buffer, tcp.byteOffset, tcp.byteLength);
  const frames: Frame[] = [];
  let at = bytes.indexOf('\r\n\r\n') + 4;
  if (at < 4) return frames;
  while (at + 2 <= bytes.length) {
    const opcode = bytes[at] & 0x0f;
    const masked = (bytes[at + 1] & 0x80) !== 0;
    let length = bytes[at + 1] & 0x7f;
    at += 2;
    if (length === 126) length = bytes.readUInt16BE(at);
    else if (length === 127) length = Number(bytes.readBigUInt64BE(at));
    at += length > 65_535 ? 8 : length > 125 ? 2 : 0;
    const mask = masked ? bytes.subarray(at, at + 4) : null;
    if (masked) at += 4;
    if (at + length > bytes.length) break;
    const payload = Uint8Array.from(bytes.subarray(at, at + length));
    if (mask) for (let i = 0; i < length; i++) payload[i] ^= mask[i % 4];
    at += length;
    if (opcode === 1 || opcode === 2) frames.push({ kind: opcode === 1 ? 'text' : 'binary', payload });
  }
  return frames;
}

/** Contents of socket.io's binary events of one name: a text frame names the event, the next binary frame is its content. */
export function eventsNamed(frames: readonly Frame[], name: string): Uint8Array[] {
  const contents: Uint8Array[] = [];
  for (const [i, frame] of frames.entries()) {
    if (frame.kind !== 'text' || !Buffer.from(frame.payload).includes(`["${name}",{"_placeholder"`)) continue;
    const content = frames.slice(i + 1).find(({ kind }) => kind === 'binary');
    if (content) contents.push(content.payload);
  }
  return contents;
}

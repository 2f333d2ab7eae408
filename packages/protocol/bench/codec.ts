/**
 * Encoding and decoding an upload of 4 MB, from float32 to chunk messages and back to checked float32, against the floor: one
 * copy of its memory. What it is of a device's training time is measured in packages/simulator/bench/upload.ts.
 */
import { randomBytes } from 'node:crypto';
import { createUploadReceiver, decode, decodePayload, encode, encodePayload, uploadChunks } from '@tributary/protocol';
import type { BenchRow } from '../../../bench/bench-row.ts';
import { medianSeconds } from '../../../bench/median-seconds.ts';

const sections = { contribution: 2 ** 20 - 7, evaluation: 6, weight: 1 } as const;
/** Three allocations of 4 MB and five passes over them; a copy between warm caches is the shortest of strokes to measure by. */
const most = 16;

export async function rows(): Promise<BenchRow[]> {
  const vector = new Float32Array(2 ** 20).map((_, i) => Math.sin(i));
  vector[vector.length - 1] = 1;
  const source = new Uint8Array(vector.buffer);
  const copy = new Uint8Array(source.length);
  // Never finished: hashing is no part of the codec.
  const announced = { bytes: source.length, sha256: randomBytes(32) };
  const memory = new Uint8Array(source.length);

  const encodeAll = () => {
    const payload = encodePayload(vector, sections);
    return [...uploadChunks(payload, 0)].map((chunk) => encode('uploadChunk', { round: 1, ...chunk }));
  };
  const messages = encodeAll();
  const decodeAll = () => {
    const receiver = createUploadReceiver(announced, memory);
    for (const message of messages) {
      const { offset, bytes } = decode('uploadChunk', message);
      receiver.receive(offset, bytes);
    }
    return decodePayload(memory, sections);
  };
  const [encoding, decoding, copying] = await medianSeconds(
    [
      { name: 'encode', run: encodeAll },
      { name: 'decode', run: decodeAll },
      { name: 'copy', run: () => copy.set(source) },
    ],
    31,
  );
  const ratio = (encoding + decoding) / copying;
  const milliseconds = (seconds: number) => `${(seconds * 1e3).toFixed(2)} ms`;
  return [
    {
      name: 'encode + decode of a 4 MB upload over one copy of it',
      ratio,
      target: `<= ${most}x`,
      ok: ratio <= most,
      detail: `encode ${milliseconds(encoding)}, decode ${milliseconds(decoding)}, copy ${milliseconds(copying)}`,
    },
  ];
}

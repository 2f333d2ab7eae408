/** What one device moves in one round, by encoding it: nothing here is an estimate. */
import { sealedLength } from '@tributary/privacy';
import {
  chunkBytes,
  encode,
  encodeReply,
  payloadBytes,
  type RoundDescriptor,
  type TaskDocument,
  uploadChunks,
} from '@tributary/protocol';
import { descriptorOf } from './descriptor.ts';

/** Bytes that one device moves in one round, in whole messages as the protocol encodes them (socket.io's framing apart). */
export interface DeviceRoundBytes {
  /** Sealed upload in its chunk messages, with the messages that open and close it. */
  readonly upload: number;
  /** A model version in its chunk replies, and the invitation. */
  readonly download: number;
  /** Plaintext of the upload: float32 contribution, evaluation and weight. */
  readonly payload: number;
  /** The plaintext sealed to the coordinator. */
  readonly sealed: number;
  /** The model's parameters alone. */
  readonly model: number;
}

/**
 * Encodes messages of the lengths that a round's have, all other content zero. The round's number is 1: from 128 on it takes a
 * few bytes more in each message.
 *
 * @param parameters number of the shared parameters, float32
 */
export function deviceRoundBytes(
  task: TaskDocument,
  sections: RoundDescriptor['sections'],
  parameters: number,
): DeviceRoundBytes {
  const payload = payloadBytes(sections);
  const sealed = sealedLength(payload);
  const model = parameters * Float32Array.BYTES_PER_ELEMENT;
  return { upload: uploadMessages(sealed), download: downloadMessages(task, sections, model), payload, sealed, model };
}

const round = 1;
const zeroHash = '0'.repeat(64);

function uploadMessages(sealed: number): number {
  let bytes = encode('uploadOpen', { round, bytes: sealed, sha256: new Uint8Array(32), statement: null }).length;
  for (const chunk of uploadChunks(new Uint8Array(sealed), 0))
    bytes += encode('uploadChunk', { round, ...chunk }).length;
  return bytes + encode('uploadClose', { round }).length;
}

function downloadMessages(task: TaskDocument, sections: RoundDescriptor['sections'], model: number): number {
  const fields = descriptorOf(task, sections, round, {
    model: zeroHash,
    recommender: { layout: { hash: zeroHash }, contributionLayout: { hash: zeroHash } },
  });
  let bytes = encode('invitation', { ...fields, signature: new Uint8Array(64) }).length;
  for (let offset = 0; offset < model; offset += chunkBytes) {
    const chunk = new Uint8Array(Math.min(chunkBytes, model - offset));
    bytes += encodeReply('fetch', { ok: true, value: { total: model, offset, bytes: chunk } }).length;
  }
  return bytes;
}

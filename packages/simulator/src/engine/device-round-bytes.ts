/** What one device moves in one round, by encoding it: nothing here is an estimate. */
import { securePlanOf } from '@tributary/coordinator/round';
import { packedLength, sealedLength } from '@tributary/privacy';
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
import { secureMessageBytes } from './secure-round-bytes.ts';

/** Bytes that one device moves in one round, in whole messages as the protocol encodes them (socket.io's framing apart). */
export interface DeviceRoundBytes {
  /** Upload in its chunk messages, with the messages that open and close it; of a secure round everything that a device sends. */
  readonly upload: number;
  /** A model version in its chunk replies, and the invitation; of a secure round everything that a device is shown. */
  readonly download: number;
  /** The vector before its seal, float32, or its integers packed. */
  readonly payload: number;
  /** The vector as it is sent: sealed to the coordinator, or masked. */
  readonly sent: number;
  /** The model's parameters alone. */
  readonly model: number;
}

/**
 * Encodes messages of the lengths that a round's have, all other content zero. The round's number is 1: from 128 on it takes a
 * few bytes more in each message.
 *
 * @param parameters number of the shared parameters, float32
 * @param people identities in the log of a secure round
 */
export function deviceRoundBytes(
  task: TaskDocument,
  sections: RoundDescriptor['sections'],
  parameters: number,
  people: number,
): DeviceRoundBytes {
  const secure = task.privacy.plan === 'secure' ? securePlanOf(task, sections) : null;
  const payload = secure ? maskedBytes(secure, sections) : payloadBytes(sections);
  const sent = secure ? payload : sealedLength(payload);
  const beside = secure ? secureMessageBytes(secure, task.cohort.target, people) : { up: 0, down: 0 };
  const model = parameters * Float32Array.BYTES_PER_ELEMENT;
  return {
    upload: uploadMessages(sent) + beside.up,
    download: downloadMessages(task, sections, model) + beside.down,
    payload,
    sent,
    model,
  };
}

type SecurePlan = ReturnType<typeof securePlanOf>;

function maskedBytes({ bits, metricsBits }: SecurePlan, sections: RoundDescriptor['sections']): number {
  return packedLength(sections.contribution, bits) + packedLength(sections.evaluation + 1, metricsBits);
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

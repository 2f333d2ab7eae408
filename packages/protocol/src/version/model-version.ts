import { bytesToHex, f64le, frame, hexToBytes, u64le, utf8 } from '@tributary/privacy/bytes';
import { sha256 } from '@tributary/privacy/hash';
import type { ModelVersion } from '../messages/messages.ts';

export type ModelVersionFields = Omit<ModelVersion, 'hash' | 'signature'>;

const absent = new Uint8Array(0);

/** What the coordinator signs of a model version, in fixed order; an absent parent or claim is an empty part. */
export function modelVersionBytes(fields: ModelVersionFields): Uint8Array {
  return frame(
    'tributary/v1/model-version',
    utf8(fields.task),
    u64le(fields.round),
    fields.parent === null ? absent : hexToBytes(fields.parent),
    hexToBytes(fields.layoutHash),
    hexToBytes(fields.parametersHash),
    u64le(fields.parameterBytes),
    hexToBytes(fields.catalogueHash),
    fields.epsilon === null ? absent : f64le(fields.epsilon),
    fields.delta === null ? absent : f64le(fields.delta),
  );
}

/** The version's identity: SHA-256 of the signed bytes, in hex. */
export function modelVersionHash(fields: ModelVersionFields): string {
  return bytesToHex(sha256(modelVersionBytes(fields)));
}

/** Model versions: immutable, hashed, signed by the coordinator. */
import { createHash } from 'node:crypto';
import { type Identity, sign, verify } from '@tributary/privacy';
import { type ModelVersion, type ModelVersionFields, modelVersionBytes, modelVersionHash } from '@tributary/protocol';
import { bytesOfFloats } from '../store/blobs.ts';

/** A version of these fields: its hash is SHA-256 of the signed frame. */
export function signVersion(fields: ModelVersionFields, identity: Identity): ModelVersion {
  return {
    ...fields,
    hash: modelVersionHash(fields),
    signature: sign(modelVersionBytes(fields), identity.secretKey),
  };
}

/** What is wrong with a version's hash or signature, in words; null where nothing is. Never throws. */
export function verifyVersion(version: ModelVersion, coordinatorKey: Uint8Array): string | null {
  try {
    if (modelVersionHash(version) !== version.hash) return 'its fields do not hash to what it says';
    if (!verify(version.signature, modelVersionBytes(version), coordinatorKey)) {
      return 'it is not signed by this coordinator';
    }
    return null;
  } catch {
    return 'it has fields that cannot be read';
  }
}

/** SHA-256, in hex, of the parameters as little-endian float32. */
export function parametersHash(parameters: Float32Array): string {
  return createHash('sha256').update(bytesOfFloats(parameters)).digest('hex');
}

/** What is wrong with parameters as those of a version, in words; null where nothing is. */
export function checkParameters(
  version: Pick<ModelVersion, 'parameterBytes' | 'parametersHash'>,
  parameters: Float32Array,
): string | null {
  if (parameters.byteLength !== version.parameterBytes) {
    return `its parameters have ${parameters.byteLength} bytes; expected ${version.parameterBytes}`;
  }
  return parametersHash(parameters) === version.parametersHash ? null : 'its parameters do not hash to what it says';
}

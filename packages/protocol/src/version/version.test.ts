import { createHash } from 'node:crypto';
import { bytesToHex } from '@tributary/privacy/bytes';
import { describe, expect, it } from 'vitest';
import { largestContents } from '../messages/largest.cases.ts';
import { authenticationBytes } from './authentication.ts';
import { modelVersionBytes, modelVersionHash } from './model-version.ts';
import { checkProtocol, protocolRange } from './protocol-version.ts';
import { roundDescriptorBytes, roundHash } from './round-descriptor.ts';

const { signature: _s, hash: _h, ...version } = largestContents.taskEnded.version;
const { signature: _d, ...descriptor } = largestContents.invitation;

describe('signed bytes', () => {
  it('begin with their domain, so that none can stand for another', () => {
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
    expect(text(modelVersionBytes(version))).toBe('tributary/v1/model-version');
    expect(text(roundDescriptorBytes(descriptor))).toBe('tributary/v1/round');
    const proof = {
      nonce: new Uint8Array(32),
      coordinatorKey: new Uint8Array(32),
      task: 't',
      identity: new Uint8Array(32),
      protocol: 1,
    };
    expect(text(authenticationBytes(proof))).toBe('tributary/v1/authenticate');
  });

  it('hash to the name of the version and of the round', () => {
    const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
    expect(modelVersionHash(version)).toBe(hash(modelVersionBytes(version)));
    expect(roundHash(descriptor)).toBe(hash(roundDescriptorBytes(descriptor)));
  });

  it('change with every field of a model version', () => {
    const changes: Partial<Record<keyof typeof version, unknown>> = {
      task: 'b',
      round: 1,
      parent: null,
      layoutHash: '0'.repeat(64),
      parametersHash: '0'.repeat(64),
      parameterBytes: 4,
      catalogueHash: '0'.repeat(64),
      epsilon: null,
      delta: null,
    };
    expect(Object.keys(changes).sort()).toEqual(Object.keys(version).sort());
    const before = bytesToHex(modelVersionBytes(version));
    for (const [key, value] of Object.entries(changes)) {
      expect(bytesToHex(modelVersionBytes({ ...version, [key]: value }))).not.toBe(before);
    }
  });

  it('change with every field of a round', () => {
    const changes: Partial<Record<keyof typeof descriptor, unknown>> = {
      protocol: 1,
      task: 'b',
      round: 1,
      modelVersion: '0'.repeat(64),
      layoutHash: '0'.repeat(64),
      contributionLayoutHash: '0'.repeat(64),
      sections: { ...descriptor.sections, evaluation: 0 },
      plan: 'other',
      clipNorm: null,
      noiseMultiplier: null,
      weighting: { kind: 'uniform' },
      evaluationScale: 0.2,
      cohortTarget: 1,
      cohortMinimum: 1,
      collectionMilliseconds: 1,
      sealingKey: new Uint8Array(32),
      nonce: new Uint8Array(32),
    };
    expect(Object.keys(changes).sort()).toEqual(Object.keys(descriptor).sort());
    const before = bytesToHex(roundDescriptorBytes(descriptor));
    for (const [key, value] of Object.entries(changes)) {
      expect(bytesToHex(roundDescriptorBytes({ ...descriptor, [key]: value } as typeof descriptor))).not.toBe(before);
    }
  });
});

describe('the protocol version', () => {
  it('is refused when too old or too new, with the side to update', () => {
    expect(() => checkProtocol(protocolRange.minimum - 1)).toThrowError(
      expect.objectContaining({
        code: 'protocol-too-old',
        message: expect.stringContaining("Update the device's package"),
      }),
    );
    expect(() => checkProtocol(protocolRange.maximum + 1)).toThrowError(
      expect.objectContaining({ code: 'protocol-too-new', message: expect.stringContaining('Update the coordinator') }),
    );
    checkProtocol(protocolRange.minimum);
  });
});

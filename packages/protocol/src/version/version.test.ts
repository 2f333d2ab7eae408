import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { bytesToHex } from '@tributary/privacy/bytes';
import { describe, expect, it } from 'vitest';
import { largestContents } from '../messages/largest.cases.ts';
import { authenticationBytes } from './authentication.ts';
import { modelVersionBytes, modelVersionHash } from './model-version.ts';
import { checkProtocol, protocolRange } from './protocol-version.ts';
import { type RoundDescriptorFields, roundDescriptorBytes, roundHash } from './round-descriptor.ts';

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
      noisePlacement: null,
      treeFirstRound: null,
      participations: null,
      weighting: { kind: 'uniform' },
      evaluationScale: 0.2,
      cohortTarget: 1,
      cohortMinimum: 1,
      collectionMilliseconds: 1,
      sealingKey: null,
      secure: null,
      nonce: new Uint8Array(32),
    };
    expect(Object.keys(changes).sort()).toEqual(Object.keys(descriptor).sort());
    const before = bytesToHex(roundDescriptorBytes(descriptor));
    const { secure } = descriptor;
    for (const [key, value] of Object.entries(secure ?? {})) {
      const changed = { ...descriptor, secure: { ...secure, [key]: otherThan(value) } } as typeof descriptor;
      expect(bytesToHex(roundDescriptorBytes(changed))).not.toBe(before);
    }
    for (const [key, value] of Object.entries(secure?.noise ?? {})) {
      const noise = { ...secure?.noise, [key]: value === 'discrete-gaussian' ? 'skellam' : otherThan(value) };
      const changed = { ...descriptor, secure: { ...secure, noise } } as typeof descriptor;
      expect(bytesToHex(roundDescriptorBytes(changed))).not.toBe(before);
    }
    for (const [key, value] of Object.entries(changes)) {
      expect(bytesToHex(roundDescriptorBytes({ ...descriptor, [key]: value } as typeof descriptor))).not.toBe(before);
    }
  });
});

const otherThan = (value: unknown) =>
  typeof value === 'number' ? (Number.isInteger(value) ? value - 1 : value / 2) : null;

/** Computed by Python's struct and hashlib, signed by its cryptography package; docs/protocol.md says over what. */
describe('known answers of the signed bytes', () => {
  const filled = (hex: string) => hex.repeat(32);
  const rising = (from: number) => Uint8Array.from({ length: 32 }, (_, i) => from + i);
  const documented = (hex: string) => {
    const specification = readFileSync(new URL('../../../../docs/protocol.md', import.meta.url), 'utf8');
    expect(specification).toContain(`\`${hex}\``);
    return hex;
  };

  it('of an authentication', () => {
    const identity = Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex');
    const bytes = authenticationBytes({
      nonce: rising(0),
      coordinatorKey: rising(32),
      task: 'films',
      identity,
      protocol: 1,
    });
    expect(bytes.length).toBe(151);
    expect(bytesToHex(bytes)).toBe(
      documented(
        '7472696275746172792f76312f61757468656e746963617465000400000001000000' +
          '20000000000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f' +
          '20000000202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f' +
          '0500000066696c6d73' +
          '20000000d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      ),
    );
    const signature = documented(
      '7c3223706b6191ea94c34a86ad78074bcc278efcd3f7420c13f7c449112c52a2' +
        'b6dc10459d84461a126ee0505ab493f45b6b09cb7e7fd19151876f9475139304',
    );
    const key = createPublicKey({
      key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), identity]),
      format: 'der',
      type: 'spki',
    });
    expect(verify(null, bytes, key, Buffer.from(signature, 'hex'))).toBe(true);
  });

  it('of a model version', () => {
    const hash = modelVersionHash({
      task: 'films',
      round: 3,
      parent: filled('11'),
      layoutHash: filled('22'),
      parametersHash: filled('33'),
      parameterBytes: 4096,
      catalogueHash: filled('44'),
      epsilon: 1.5,
      delta: 1e-6,
    });
    expect(hash).toBe(documented('bf0a9560ea6610473dfddcfda36b4bdd1ce2e35cdd037e2d3fe9605f56258dc8'));
  });

  it('of a round', () => {
    const sealed: RoundDescriptorFields = {
      protocol: 1,
      task: 'films',
      round: 4,
      modelVersion: filled('55'),
      layoutHash: filled('22'),
      contributionLayoutHash: filled('66'),
      sections: { contribution: 1000, evaluation: 6, weight: 1 },
      plan: 'sealed',
      clipNorm: 2.5,
      noiseMultiplier: null,
      noisePlacement: null,
      treeFirstRound: null,
      participations: null,
      weighting: { kind: 'examples', cap: 50 },
      evaluationScale: 0.01,
      cohortTarget: 100,
      cohortMinimum: 80,
      collectionMilliseconds: 60_000,
      sealingKey: new Uint8Array(32).fill(0x77),
      secure: null,
      nonce: rising(0),
    };
    expect(roundHash(sealed)).toBe(documented('f79ad0d284fd44fe8b2b3a6f8235e9f8d3fe4d7249b6d9848b7e3ebe67734f8c'));
    const secure = {
      bits: 20,
      scale: 71212.5,
      metricsBits: 32,
      metricsScale: 16384,
      degree: 28,
      threshold: 18,
      inDegreeCap: 60,
      rosterMaximum: 120,
      corrupt: 500,
      dropout: 1000,
      phaseMilliseconds: 30_000,
      tally: 'weight' as const,
      noise: null,
      identityLog: { size: 5000, root: new Uint8Array(32).fill(0x88) },
    };
    expect(roundHash({ ...sealed, plan: 'secure', sealingKey: null, secure })).toBe(
      documented('e8ad220e4c59c57d77596c567abc9034d17b6bdb24ca4bac01b7a7a4c301923d'),
    );
    const noise = {
      mechanism: 'discrete-gaussian' as const,
      variance: 1234.5,
      metricsVariance: 99.25,
      indicatorVariance: 0.5,
      noises: 60,
    };
    const tally = 'within-clip' as const;
    const noisy = { noiseMultiplier: 1.5, noisePlacement: 'distributed' as const, secure: { ...secure, tally, noise } };
    expect(roundHash({ ...sealed, plan: 'secure', sealingKey: null, ...noisy })).toBe(
      documented('a60d8857faeba7db35cf78e172523906354ab14cb5fab0f1c1c90d30cf781019'),
    );
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

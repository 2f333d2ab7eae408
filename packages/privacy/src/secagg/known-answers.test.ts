/** Everything that is derived, signed or packed in a secure round, against answers made by other libraries (OpenSSL, libsodium). */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bytesToHex, hexToBytes } from '../bytes/hex.ts';
import { sha256 } from '../hash/index.ts';
import { identityOf, secretKey, sign, verify } from '../identity/index.ts';
import { agree, agreementKeysOf } from '../key-agreement/index.ts';
import { createModularAccumulator, packValues } from '../masking/index.ts';
import { bitmapMembers, bitmapOf, indexList, indicesOf } from './bitmap.ts';
import { agreeOnShares, pairwiseMaskSeed, selfMaskCommitment, selfMaskSeed, shareBoxKey } from './derivations.ts';
import { keysFrame, neighboursFrame, survivorsFrame, uploadFrame } from './frames.ts';
import { type MaskSeed, maskVector } from './mask-vector.ts';
import { readRoster, rosterOf } from './roster.ts';
import type { SecureRound } from './secure-round.ts';
import { openShares, sealShares } from './share-box.ts';

const golden = JSON.parse(
  readFileSync(new URL('../../../../test/golden/secagg/primitives.json', import.meta.url), 'utf8'),
);
const hex = bytesToHex;
const list = (values: readonly string[]) => values.map(hexToBytes);
const [shareSecrets, maskSecrets] = [golden.c_private, golden.s_private].map(list);
const [shareKeys, maskKeys] = [golden.c_public, golden.s_public].map(list);
const selfMasks = list(golden.b);
const identities = golden.identity.map(({ seed }: { seed: string }) => identityOf(hexToBytes(seed)));
const roundHash = hexToBytes(golden.round_hash);
const rosterHash = hexToBytes(golden.roster_hash);
const round: SecureRound = {
  roundHash,
  coordinatorKey: identities[0].publicKey,
  population: 'films',
  sections: [{ length: 40, bits: 20 }],
  degree: 0,
  threshold: 0,
  inDegreeCap: 2,
  minimum: 3,
  maximum: 3,
  corrupt: 0,
  dropout: 0,
  identityLog: null,
};
const entries = identities.map((identity: (typeof identities)[0], i: number) => ({
  identity: identity.publicKey,
  shareKey: shareKeys[i],
  maskKey: maskKeys[i],
  signature: sign(keysFrame(roundHash, identity.publicKey, shareKeys[i], maskKeys[i]), identity.secretKey),
}));
const pair = (i: number, j: number) => {
  const [low, high] = i < j ? [i, j] : [j, i];
  return pairwiseMaskSeed(secretKey(maskSecrets[i]), maskKeys[j], rosterHash, maskKeys[low], maskKeys[high]);
};

describe('known answers of a secure round', () => {
  it('of keys: signatures, leaves, root and hash of the roster', () => {
    expect(identities.map(({ publicKey }: { publicKey: Uint8Array }) => hex(publicKey))).toEqual(
      golden.identity.map((one: { public: string }) => one.public),
    );
    expect(shareSecrets.map((secret) => hex(agreementKeysOf(secret).publicKey))).toEqual(golden.c_public);
    expect(maskSecrets.map((secret) => hex(agreementKeysOf(secret).publicKey))).toEqual(golden.s_public);
    expect(entries.map(({ signature }: { signature: Uint8Array }) => hex(signature))).toEqual(golden.key_signatures);
    const roster = rosterOf(round, entries);
    expect(hex(roster.root)).toBe(golden.merkle_root);
    expect(hex(roster.rosterHash)).toBe(golden.roster_hash);
  });

  it('of a roster as it travels: it reads as what it was made of', () => {
    const bytes = Uint8Array.from(
      entries.flatMap(({ identity, shareKey, maskKey, signature }: (typeof entries)[0]) => [
        ...identity,
        ...shareKey,
        ...maskKey,
        ...signature,
      ]),
    );
    const { root } = rosterOf(round, entries);
    // Signed here, since the file holds no coordinator: Python's frame of the roster, built by hand.
    const frame = Uint8Array.from([
      ...new TextEncoder().encode('tributary/v1/roster\0'),
      ...[32, 0, 0, 0],
      ...roundHash,
      ...[4, 0, 0, 0],
      ...[3, 0, 0, 0],
      ...[32, 0, 0, 0],
      ...root,
    ]);
    expect(hex(sha256(frame))).toBe(golden.roster_hash);
    const roster = readRoster(round, { entries: bytes, signature: sign(frame, identities[0].secretKey) }, verify);
    expect(roster.entries).toEqual(entries);
  });

  it('of agreement and derivation: seeds of masks, keys of boxes, commitments', () => {
    expect(hex(agree(secretKey(maskSecrets[0]), maskKeys[1]) as Uint8Array)).toBe(golden.x25519_s0_S1);
    expect(hex(pair(0, 1))).toBe(golden.pairwise_seed_0_1);
    expect(hex(pair(1, 0))).toBe(golden.pairwise_seed_0_1);
    const shared = agreeOnShares(secretKey(shareSecrets[0]), shareKeys[1]);
    const key = shareBoxKey(shared, rosterHash, shareKeys[0], shareKeys[1]);
    expect(hex(key)).toBe(golden.share_key_0_to_1);
    expect(hex(selfMaskSeed(selfMasks[0], rosterHash, maskKeys[0]))).toBe(golden.self_mask_seed_0);
    expect(hex(selfMaskCommitment(selfMasks[0], rosterHash))).toBe(golden.self_mask_commitment_0);
  });

  it('of a box of shares, made and opened', () => {
    const key = hexToBytes(golden.share_key_0_to_1);
    const { nonce, plain, nonce_and_box: box } = golden.secretbox;
    const pairOfShares = { maskKey: hexToBytes(plain).slice(8, 40), selfMask: hexToBytes(plain).slice(40) };
    const random = { bytes: () => hexToBytes(nonce) };
    expect(hex(sealShares(key, 0, 1, pairOfShares, random))).toBe(box);
    expect(openShares(hexToBytes(box), key, 0, 1)).toEqual(pairOfShares);
    expect(openShares(hexToBytes(box), key, 1, 0)).toBeNull();
    expect(openShares(hexToBytes(box), hexToBytes(golden.pairwise_seed_0_1), 0, 1)).toBeNull();
  });

  it('of signed frames: neighbours, upload, survivors', () => {
    const vectorHash = sha256(packValues(Uint32Array.from(golden.round_of_three.masked[0]), 20));
    const commitment = selfMaskCommitment(selfMasks[0], rosterHash);
    const frames = {
      neighbours: neighboursFrame(rosterHash, 0, indexList([1, 2])),
      upload: uploadFrame(rosterHash, 0, vectorHash, commitment, bitmapOf([1, 2], 3)),
      survivors: survivorsFrame(rosterHash, 0, bitmapOf([1, 2], 3), bitmapOf([], 3)),
    };
    for (const [name, bytes] of Object.entries(frames)) {
      const { bytes: expected, signature_of_device_0: signature } = golden.frames[name];
      expect(hex(bytes)).toBe(expected);
      expect(hex(sign(bytes, identities[0].secretKey))).toBe(signature);
      expect(verify(hexToBytes(signature), bytes, identities[0].publicKey)).toBe(true);
    }
  });

  it('of a bitmap', () => {
    const { n, members, bytes } = golden.bitmap;
    expect(hex(bitmapOf(members, n))).toBe(bytes);
    expect(bitmapMembers(hexToBytes(bytes), n, 'it')).toEqual(members);
    expect(() => bitmapMembers(Uint8Array.of(9, 1, 8), n, 'it')).toThrow(/beyond/);
    expect(() => bitmapMembers(Uint8Array.of(9, 1), n, 'it')).toThrow(/2 bytes/);
    expect(() => indicesOf(indexList([2, 2]), 5, 'it')).toThrow(/ascending/);
    expect(() => indicesOf(indexList([1, 5]), 5, 'it')).toThrow(/below 5/);
  });

  it('of a whole round of three: masked vectors and their sum', () => {
    const { b: bits, inputs, masked, sum } = golden.round_of_three;
    const sections = [{ length: 40, bits }];
    const total = createModularAccumulator({ length: 40, bits, section: 0 });
    for (let i = 0; i < 3; i++) {
      const masks: MaskSeed[] = [{ seed: selfMaskSeed(selfMasks[i], rosterHash, maskKeys[i]), sign: 1 }];
      for (let j = 0; j < 3; j++) if (j !== i) masks.push({ seed: pair(i, j), sign: i < j ? 1 : -1 });
      const vector = maskVector([Uint32Array.from(inputs[i])], sections, masks);
      expect(hex(vector)).toBe(hex(packValues(Uint32Array.from(masked[i]), bits)));
      total.addPacked(vector);
    }
    for (let i = 0; i < 3; i++) total.addMask(selfMaskSeed(selfMasks[i], rosterHash, maskKeys[i]), -1);
    expect([...total.values()]).toEqual(sum);
  });
});

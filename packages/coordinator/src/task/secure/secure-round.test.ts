/** Secure rounds over real sockets with real cryptography and a real store. */
import {
  bytesToHex,
  decodeSum,
  hexToBytes,
  maskedVectorLength,
  packedLength,
  systemRandom,
  verifyConsistency,
  verifyLogRoot,
} from '@tributary/privacy';
import { payloadLength, type RoundDescriptor } from '@tributary/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { createServerOptimizer } from '../../optimizer/optimizer.ts';
import { loadVerifiedParameters } from '../../registry/registry.ts';
import { privateStep } from '../../release/charge-noise-step.ts';
import { encodingsOf, secureSensitivity } from '../../round/secure-plan.ts';
import type { RawDevice } from '../../testing/raw-device.ts';
import { type SecureParticipant, type SecureStep, secureParticipant } from '../../testing/raw-secure-device.ts';
import { type SmallWorld, smallDocument, smallTask, startSmallWorld } from '../../testing/small-world.ts';
import { coordinatorRecommender } from '../create-task.ts';

const devicesInvited = 24;
const items = 31;
const population = 'members';
const document = (fields: object = {}, cohort: object = {}) =>
  smallDocument({
    cohort: {
      target: devicesInvited,
      minimum: 20,
      overSelection: 1,
      selectionSeconds: 30,
      collectionSeconds: 30,
      phaseSeconds: 30,
      ...cohort,
    },
    privacy: { plan: 'secure', clipNorm: 5 },
    rounds: 3,
    ...fields,
  });

let world: SmallWorld;
afterEach(() => world.close());

interface Running {
  readonly descriptor: RoundDescriptor;
  readonly participants: readonly SecureParticipant[];
}

/** A world whose devices have joined and been invited. */
async function invitedWorld(task = document(), padded: number | null = null): Promise<Running> {
  world = await startSmallWorld(task, { items });
  const { devices, descriptor } = await world.invited(devicesInvited);
  return {
    descriptor,
    participants: devices.map((device, index) => participantOf(device, descriptor, index, index === padded)),
  };
}

/** Its masked vector has a bit set past the last coordinate of its first section, if `padded`. */
function participantOf(
  device: RawDevice,
  descriptor: RoundDescriptor,
  index: number,
  padded = false,
): SecureParticipant {
  const vector = new Float32Array(payloadLength(descriptor.sections));
  for (let i = 0; i < descriptor.sections.contribution; i++) vector[i] = Math.sin(i * 0.7 + index);
  vector.fill(index / devicesInvited, descriptor.sections.contribution, -1);
  vector[vector.length - 1] = 1;
  return secureParticipant(device, descriptor, population, vector, (masked, { sections: [{ length, bits }] }) => {
    if (padded) masked[packedLength(length, bits) - 1] |= 0x80;
  });
}

/** Takes part until it vanishes before a step, or until the round has ended. */
async function takePart(participant: SecureParticipant, vanishesBefore: SecureStep | 'end' = 'end'): Promise<void> {
  if (vanishesBefore !== 'keys') {
    await participant.start();
    await participant.runTo(vanishesBefore);
  }
  if (vanishesBefore !== 'end') participant.device.close();
}

/** The first round; another may be open already. */
const theRound = async () => (await world.store.rounds(smallTask, 10)).at(-1);
const ended = () => expect.poll(async () => (await theRound())?.outcome).not.toBe('open');

/** What the release of these devices' integers, added in the clear, would have made of the first version. */
async function expectedParameters({ descriptor, participants }: Running, uploaded: readonly number[]) {
  if (!descriptor.secure) throw new Error('The round is sealed.');
  const encodings = encodingsOf({ ...descriptor, secure: descriptor.secure });
  const { sections, clipNorm, evaluationScale } = descriptor;
  const [contribution, metrics] = encodings.map((encoding, section) => {
    const sum = new Uint32Array(encoding.length);
    for (const index of uploaded) {
      participants[index].values[section].forEach((value, i) => {
        sum[i] += value;
      });
    }
    return decodeSum(sum, encoding, participants[0].round.roundHash).values;
  });
  const sum = new Float32Array(payloadLength(sections));
  sum.set(contribution);
  sum.set(metrics, sections.contribution);
  for (let i = 0; i < sections.evaluation; i++) sum[sections.contribution + i] *= (clipNorm ?? 1) * evaluationScale;
  const task = document();
  const recommender = coordinatorRecommender(task, items);
  const optimizer = createServerOptimizer(task.optimizer);
  const [first] = await world.store.versions(smallTask);
  const step = await privateStep({
    document: task,
    ledger: null,
    subject: { task: smallTask, round: 1, modelVersion: first.version.hash, roundHash: 'ab'.repeat(32) },
    random: systemRandom,
    recommender,
    optimizer,
    optimizerState: optimizer.initialState,
    shared: await loadVerifiedParameters(world.store, first.version, world.identity.publicKey),
    sections,
    sum,
    contributions: uploaded.length,
    noise: null,
    tree: null,
  });
  if (step.kind !== 'stepped') throw new Error(step.reason);
  return step.parameters;
}

async function published(): Promise<Float32Array> {
  const versions = await world.store.versions(smallTask);
  return loadVerifiedParameters(world.store, versions[versions.length - 1].version, world.identity.publicKey);
}

describe('a secure round', () => {
  it('of devices of which one vanishes in every phase releases the plain sum of those that uploaded', async () => {
    const running = await invitedWorld(document({}, { phaseSeconds: 4, collectionSeconds: 4 }));
    const { participants, descriptor } = running;
    expect(descriptor).toMatchObject({ plan: 'secure', sealingKey: null, secure: { degree: 0, rosterMaximum: 24 } });
    const vanishing: SecureStep[] = ['keys', 'shares', 'upload', 'acknowledge', 'reveal'];
    await Promise.all(participants.map((participant, index) => takePart(participant, vanishing[index])));
    await ended();
    expect(await theRound()).toMatchObject({ outcome: 'closed', contributions: 21, invited: 24 });
    const uploaded = participants.map((_, index) => index).slice(3);
    expect(await published()).toEqual(await expectedParameters(running, uploaded));
    const [first] = await world.store.versions(smallTask);
    expect(await published()).not.toEqual(
      await loadVerifiedParameters(world.store, first.version, world.identity.publicKey),
    );
  });

  it('shows a device that comes back within a phase what it missed, and goes on with it', async () => {
    const running = await invitedWorld();
    const { participants, descriptor } = running;
    const [returning, away, ...others] = participants;
    await Promise.all(participants.map((participant) => participant.start()));
    // One loses its connection with its shares unsent; another before the shares of others reach it.
    const waiting = Promise.all([returning.runTo('shares'), away.runTo('shares')]);
    const rest = Promise.all(others.map((participant) => participant.runTo('end')));
    await waiting;
    await away.send();
    for (const { device } of [returning, away]) device.close();
    await expect.poll(() => world.coordinator.view(smallTask)?.connected).toBe(devicesInvited - 2);
    const back = async (participant: SecureParticipant) => {
      const device = await world.device(participant.device.identity);
      await device.request('join', {});
      participant.over(device);
      return device;
    };
    const device = await back(returning);
    expect(await device.next('invitation')).toEqual(descriptor);
    expect((await device.next('roster')).entries).toHaveLength(160 * devicesInvited);
    expect((await device.next('neighbourKeys')).proofs).toHaveLength(devicesInvited - 1);
    await returning.send();
    await expect.poll(() => world.coordinator.view(smallTask)?.phase).toBe('collecting');
    await back(away);
    await Promise.all([rest, returning.runTo('end'), away.runTo('end')]);
    await ended();
    expect(await theRound()).toMatchObject({ outcome: 'closed', contributions: devicesInvited });
    expect(await published()).toEqual(await expectedParameters(running, [...participants.keys()]));
  });

  it('is abandoned, and opens nothing, when too many vanish after they dealt', async () => {
    const { participants } = await invitedWorld(document({}, { collectionSeconds: 5 }));
    await Promise.all(
      participants.map(async (participant, index) => {
        await participant.start();
        await participant.runTo('upload');
        if (index < 5) participant.device.close();
        else await participant.upload();
      }),
    );
    await ended();
    expect(await theRound()).toMatchObject({ outcome: 'abandoned', contributions: 19, version: null });
    expect((await theRound())?.reason).toMatch(/19 contributions had arrived when the deadline passed; at least 20/);
    expect(await world.store.versions(smallTask)).toHaveLength(1);
  });

  it('is abandoned when fewer reveal than the threshold, whatever was uploaded', async () => {
    const { participants } = await invitedWorld(document({}, { phaseSeconds: 5 }));
    const [first, ...others] = participants;
    const kept = others.slice(0, 12);
    const told = first.device.next('roundEnded');
    await Promise.all([
      takePart(first),
      ...others.map((participant) => takePart(participant, kept.includes(participant) ? 'end' : 'reveal')),
    ]);
    expect(await told).toMatchObject({ outcome: 'abandoned', version: null });
    await ended();
    expect(await theRound()).toMatchObject({ outcome: 'abandoned', contributions: devicesInvited, version: null });
    expect((await theRound())?.reason).toMatch(/shares of one device's secret were revealed; 17 are needed/);
    expect(await world.store.versions(smallTask)).toHaveLength(1);
  });

  it('goes on without devices whose messages do not hold, in whichever phase', async () => {
    const privacy = { plan: 'secure', clipNorm: 5, secure: { bits: 19 } };
    const running = await invitedWorld(document({ privacy }), 3);
    const { participants, descriptor } = running;
    const { round } = descriptor;
    // There is a bit past the last coordinate, which a vector could set.
    expect((19 * descriptor.sections.contribution) % 8).not.toBe(0);
    const notVerified = (promise: Promise<unknown>) => expect(promise).rejects.toMatchObject({ code: 'not-verified' });
    const flipped = (bytes: Uint8Array) => bytes.map((byte, i) => (i === 40 ? byte ^ 1 : byte));
    const [badKeys, badShares, badStatement, badVector, badAcknowledgement, badReveal, ...honest] = participants;
    const rest = Promise.all(honest.map((participant) => takePart(participant)));

    const zeros = { round, shareKey: new Uint8Array(32), maskKey: new Uint8Array(32), signature: new Uint8Array(64) };
    await notVerified(badKeys.device.request('keys', zeros));
    // It is out: keys that would hold come too late.
    await notVerified(badKeys.start());

    await Promise.all(
      [badShares, badStatement, badVector, badAcknowledgement, badReveal].map((participant) => participant.start()),
    );
    await badShares.runTo('shares');
    await notVerified(badShares.send(() => ({ boxes: new Uint8Array(112 * 3) })));
    await notVerified(badShares.send());

    await Promise.all([badAcknowledgement.runTo('acknowledge'), badReveal.runTo('acknowledge'), spoilt()]);
    async function spoilt(): Promise<void> {
      await Promise.all([badStatement, badVector].map((participant) => participant.runTo('upload')));
      await expect(badStatement.upload({ statement: null })).rejects.toMatchObject({ code: 'not-verified' });
      await notVerified(badStatement.upload({ statement: { signature: new Uint8Array(64) } }));
      await notVerified(badStatement.upload());
      await expect(badVector.upload()).rejects.toMatchObject({
        code: 'not-verified',
        message: expect.stringMatching(/bits set past its last coordinate/),
      });
    }
    await notVerified(
      badAcknowledgement.send((message) => ({
        ...message,
        signature: flipped((message as { signature: Uint8Array }).signature),
      })),
    );
    await badReveal.runTo('reveal');
    await notVerified(badReveal.send(() => ({ shares: new Uint8Array(36) })));
    await rest;
    await ended();
    expect(await theRound()).toMatchObject({ outcome: 'closed', contributions: 20 });
    const uploaded = [...participants.keys()].slice(4);
    expect(await published()).toEqual(await expectedParameters(running, uploaded));
  });

  it('refuses what does not belong to its phase, and counts nobody twice', async () => {
    const { participants, descriptor } = await invitedWorld();
    const { round } = descriptor;
    const [early, late, ...others] = participants;
    const refused = (promise: Promise<unknown>, code: string) => expect(promise).rejects.toMatchObject({ code });
    const opening = {
      round,
      bytes: maskedVectorLength(early.round.sections),
      sha256: new Uint8Array(32),
      statement: null,
    };
    await refused(early.device.request('uploadOpen', opening), 'out-of-phase');
    await refused(early.device.request('shares', { round, boxes: new Uint8Array(112) }), 'out-of-phase');
    const outsider = await world.device();
    const keys = { round, shareKey: new Uint8Array(32), maskKey: new Uint8Array(32), signature: new Uint8Array(64) };
    await refused(outsider.request('keys', keys), 'not-invited');
    const rest = Promise.all(others.map((participant) => takePart(participant)));
    await Promise.all([early, late].map((participant) => participant.start()));
    await Promise.all([early, late].map((participant) => participant.runTo('upload')));
    await refused(early.device.request('uploadOpen', { ...opening, bytes: 10 }), 'wrong-length');
    await early.upload();
    await refused(early.device.request('uploadOpen', opening), 'duplicate-upload');
    await refused(early.device.request('decline', { round, reason: 'stopped' }), 'out-of-phase');
    await late.upload();
    await expect.poll(() => world.coordinator.view(smallTask)?.phase).not.toBe('collecting');
    await refused(early.device.request('uploadOpen', opening), 'duplicate-upload');
    await Promise.all([early.runTo('end'), late.runTo('end'), rest]);
    await ended();
    expect(await theRound()).toMatchObject({ outcome: 'closed', contributions: devicesInvited });
  });

  it('shows its graph to operators, and registers its devices in a log that grows', async () => {
    const { participants, descriptor } = await invitedWorld();
    const { url, publicKey } = world.coordinator;
    const { identityLog } = descriptor.secure ?? {};
    expect(identityLog?.size).toBe(devicesInvited);
    const outsider = await world.device();
    await outsider.request('join', {});
    const size = devicesInvited + 1;
    const { proof } = await outsider.request('logConsistency', { from: devicesInvited, to: size });
    const page = (await (await fetch(`${url}/populations/${population}/identity-log?count=100`)).json()) as {
      size: number;
      root: string;
      signature: string;
      identities: string[];
    };
    expect(page.identities).toHaveLength(size);
    const identities = participants.map(({ device }) => bytesToHex(device.identity.publicKey));
    expect(page.identities.slice(0, -1).sort()).toEqual(identities.sort());
    const signed = { population, size, root: hexToBytes(page.root), signature: hexToBytes(page.signature) };
    expect(verifyLogRoot(signed, hexToBytes(publicKey))).toBe(true);
    const oldRoot = identityLog?.root ?? new Uint8Array(0);
    expect(verifyConsistency({ oldSize: devicesInvited, oldRoot, newSize: size, newRoot: signed.root, proof })).toBe(
      true,
    );
    await expect(outsider.request('logConsistency', { from: 3, to: size + 1 })).rejects.toMatchObject({
      code: 'malformed',
    });
    const rest = Promise.all(participants.map((participant) => takePart(participant)));
    await expect.poll(() => world.coordinator.view(smallTask)?.secure ?? null, { interval: 5 }).not.toBeNull();
    expect(world.coordinator.view(smallTask)).toMatchObject({
      plan: 'secure',
      secure: { cohort: devicesInvited, neighbours: devicesInvited - 1, threshold: 17 },
    });
    await rest;
    await ended();
    expect(await (await fetch(`${url}/metrics`)).text()).toMatch(
      /tributary_secure_sum_fill_ratio\{task="films"\} 0\.\d+/,
    );
  });

  it('with noise charges for what rounding may add to the clip norm, before it opens the sum', async () => {
    const noise = { mechanism: 'gaussian', noiseMultiplier: 2, delta: 1e-5, budget: 100 };
    const { participants, descriptor } = await invitedWorld(
      document({ privacy: { plan: 'secure', clipNorm: 5, noise, secure: { bits: 14 } } }),
    );
    if (!descriptor.secure) throw new Error('The round is sealed.');
    await Promise.all(participants.map((participant) => takePart(participant)));
    await ended();
    expect(await theRound()).toMatchObject({ outcome: 'closed' });
    const bodies = (await world.store.ledger.entries(population)).map(({ body }) => body);
    expect(bodies.map(({ kind }) => kind)).toEqual(['open', 'charge', 'released']);
    const sensitivity = secureSensitivity({ ...descriptor, secure: descriptor.secure });
    expect(bodies[1]).toMatchObject({ sensitivity, event: { noiseMultiplier: 2 }, minimumCount: 20, roundedCount: 20 });
    expect(sensitivity).toBeGreaterThan(5);
  });
});

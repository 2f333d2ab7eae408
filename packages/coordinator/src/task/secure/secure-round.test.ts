/** Secure rounds over real sockets with real cryptography and a real store. */
import { decodeSum, systemRandom } from '@tributary/privacy';
import { payloadLength, type RoundDescriptor } from '@tributary/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { createServerOptimizer } from '../../optimizer/optimizer.ts';
import { loadVerifiedParameters } from '../../registry/registry.ts';
import { privateStep } from '../../release/charge-noise-step.ts';
import { encodingsOf } from '../../round/secure-plan.ts';
import type { RawDevice } from '../../testing/raw-device.ts';
import { type SecureParticipant, type SecureStep, secureParticipant } from '../../testing/raw-secure-device.ts';
import { type SmallWorld, smallDocument, smallTask, startSmallWorld } from '../../testing/small-world.ts';
import { coordinatorRecommender } from '../create-task.ts';

const devicesInvited = 24;
const items = 30;
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
async function invitedWorld(task = document()): Promise<Running> {
  world = await startSmallWorld(task, { items });
  const { devices, descriptor } = await world.invited(devicesInvited);
  return { descriptor, participants: devices.map((device, index) => participantOf(device, descriptor, index)) };
}

function participantOf(device: RawDevice, descriptor: RoundDescriptor, index: number): SecureParticipant {
  const vector = new Float32Array(payloadLength(descriptor.sections));
  for (let i = 0; i < descriptor.sections.contribution; i++) vector[i] = Math.sin(i * 0.7 + index);
  vector.fill(index / devicesInvited, descriptor.sections.contribution, -1);
  vector[vector.length - 1] = 1;
  return secureParticipant(device, descriptor, population, vector);
}

/** Takes part until it vanishes before a step, or until the round has ended. */
async function takePart(participant: SecureParticipant, vanishesBefore: SecureStep | 'end' = 'end'): Promise<void> {
  if (vanishesBefore !== 'keys') {
    await participant.start();
    await participant.runTo(vanishesBefore);
  }
  if (vanishesBefore !== 'end') participant.device.close();
}

const lastRound = async () => (await world.store.rounds(smallTask, 1))[0];
const ended = () => expect.poll(async () => (await lastRound()).outcome, { timeout: 20_000 }).not.toBe('open');

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
    const running = await invitedWorld(document({}, { phaseSeconds: 2, collectionSeconds: 4 }));
    const { participants, descriptor } = running;
    expect(descriptor).toMatchObject({ plan: 'secure', sealingKey: null, secure: { degree: 0, rosterMaximum: 24 } });
    const vanishing: SecureStep[] = ['keys', 'shares', 'upload', 'acknowledge', 'reveal'];
    await Promise.all(participants.map((participant, index) => takePart(participant, vanishing[index])));
    await ended();
    expect(await lastRound()).toMatchObject({ outcome: 'closed', contributions: 21, invited: 24 });
    const uploaded = participants.map((_, index) => index).slice(3);
    expect(await published()).toEqual(await expectedParameters(running, uploaded));
    const [first] = await world.store.versions(smallTask);
    expect(await published()).not.toEqual(
      await loadVerifiedParameters(world.store, first.version, world.identity.publicKey),
    );
  });
});

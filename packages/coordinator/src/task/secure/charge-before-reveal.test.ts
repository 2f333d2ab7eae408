/** A secure round with noise is charged before any device is asked for the shares that open its sum. */
import { verifyLedger } from '@tributary/privacy';
import { payloadLength } from '@tributary/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { type SecureParticipant, secureParticipant } from '../../testing/raw-secure-device.ts';
import { type SmallWorld, smallDocument, smallTask, startSmallWorld } from '../../testing/small-world.ts';

const invited = 24;
const population = 'members';
let world: SmallWorld;
afterEach(() => world.close());

async function started(noise: object, cohort: object = {}): Promise<readonly SecureParticipant[]> {
  const document = smallDocument({
    cohort: {
      ...{ target: invited, minimum: 20, overSelection: 1 },
      ...{ selectionSeconds: 30, collectionSeconds: 30, phaseSeconds: 30, ...cohort },
    },
    privacy: { plan: 'secure', clipNorm: 5, noise: { delta: 1e-6, noiseMultiplier: 1, ...noise } },
    rounds: 3,
  });
  world = await startSmallWorld(document, { items: 31 });
  const { devices, descriptor } = await world.invited(invited);
  const vector = () => new Float32Array(payloadLength(descriptor.sections)).fill(0.01);
  const participants = devices.map((device) => secureParticipant(device, descriptor, population, vector()));
  await Promise.all(participants.map((participant) => participant.start()));
  return participants;
}

const kinds = async () => (await world.store.ledger.entries(population)).map(({ body }) => body.kind);
const sound = async () => verifyLedger(await world.store.ledger.entries(population), world.identity.publicKey);
const firstRound = async () => (await world.store.rounds(smallTask, 10)).at(-1);
const ended = () => expect.poll(async () => (await firstRound())?.outcome).not.toBe('open');

describe.each(['distributed', 'central'])('a secure round with %s noise', (placement) => {
  it('is charged when devices are asked for shares, and once', async () => {
    const participants = await started({ placement, budget: 20 });
    await Promise.all(participants.map((participant) => participant.runTo('reveal')));
    expect(await kinds()).toEqual(['open', 'charge']);
    await Promise.all(participants.map((participant) => participant.send()));
    await ended();
    expect(await firstRound()).toMatchObject({ outcome: 'closed' });
    expect(await kinds()).toEqual(['open', 'charge', 'released']);
    expect(await sound()).toMatchObject({ ok: true });
  });

  it('stays charged when it is abandoned after that', async () => {
    const participants = await started({ placement, budget: 20 }, { phaseSeconds: 8 });
    await Promise.all(participants.map((participant) => participant.runTo('reveal')));
    const { epsilon } = (await sound()) as { epsilon: number };
    expect(epsilon).toBeGreaterThan(1);
    // One reveals, and the others vanish: nothing can be opened by the rules, but something may have been seen.
    await participants[0].send();
    for (const { device } of participants.slice(1)) device.close();
    await ended();
    expect(await firstRound()).toMatchObject({ outcome: 'abandoned' });
    await expect.poll(kinds).toEqual(['open', 'charge', 'abandoned']);
    expect(await sound()).toMatchObject({ ok: true, epsilon });
  });

  it('that would pass the budget asks nobody for a share, and ends the task', async () => {
    const participants = await started({ placement, budget: 0.5 });
    let asked = 0;
    for (const { device } of participants) device.socket.on('acknowledgements', () => asked++);
    await Promise.all(participants.map((participant) => participant.runTo('acknowledge')));
    await Promise.all(participants.map((participant) => participant.send()));
    await ended();
    expect(await firstRound()).toMatchObject({ outcome: 'abandoned', reason: expect.stringMatching(/budget is 0.5/) });
    expect(await kinds()).toEqual(['open', 'refused']);
    expect(asked).toBe(0);
    await expect.poll(async () => (await world.store.task(smallTask))?.status).toBe('budget-spent');
  });
});

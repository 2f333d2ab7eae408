/** What a whole task leaves behind at the coordinator, searched for what must not be there (an attack by grep). */
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bytesToHex, packValues, revealSecret } from '@tributary/privacy';
import { payloadLength } from '@tributary/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { payloadOf, sealedTo, upload } from '../testing/raw-device.ts';
import { secureParticipant } from '../testing/raw-secure-device.ts';
import { type SmallWorld, smallDocument, smallTask, startSmallWorld } from '../testing/small-world.ts';
import { createLog } from './log.ts';

let world: SmallWorld;
afterEach(() => world.close());

/** Coordinates that a device plants into its contribution, as bytes. */
const planted = [Float32Array.of(0.314159, -0.271828, 0.141421), Float32Array.of(-0.577215, 0.161803, 0.261497)];
const bytesOf = (values: Float32Array) => new Uint8Array(values.buffer);
const asText = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

/** Where anything could lie: everything that was logged, that can be read over HTTP, and that was stored. */
async function placesOf(lines: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { url } = world.coordinator;
  const paths = [
    '/health',
    '/ready',
    '/metrics',
    '/tasks',
    ...['', '/rounds', '/versions'].map((of) => `/tasks/${smallTask}${of}`),
  ];
  const places = new Map<string, string>([['log', lines.join('\n')]]);
  for (const path of paths) {
    const page = await fetch(`${url}${path}`);
    expect(page.status).toBe(200);
    places.set(path, await page.text());
  }
  const folder = dirname(world.store.location);
  for (const name of await readdir(folder)) places.set(name, asText(await readFile(join(folder, name))));

  // The search would find what is there.
  const [{ version }] = await world.store.versions(smallTask);
  expect([...places.values()].join('\n')).toContain(version.hash);
  expect(places.get('log')).toContain('version published');
  expect([...places.keys()].filter((name) => name.startsWith('store.sqlite')).length).toBeGreaterThan(0);
  return places;
}

/** What of the forbidden is found, and where: as bytes, in hex, in base64. */
function foundIn(places: ReadonlyMap<string, string>, forbidden: ReadonlyMap<string, Uint8Array>): string[] {
  const found: string[] = [];
  for (const [what, bytes] of forbidden) {
    const base64 = Buffer.from(bytes).toString('base64').slice(0, 14);
    for (const [where, text] of places) {
      if ([asText(bytes), bytesToHex(bytes), base64].some((shape) => text.includes(shape))) {
        found.push(`${what} in ${where}`);
      }
    }
  }
  return found;
}

describe('logs, metrics, pages and the store', () => {
  it('hold no identity of a device, no single contribution and no secret key', async () => {
    const lines: string[] = [];
    const log = createLog({ level: 'debug', destination: { write: (line: string) => void lines.push(line) } });
    world = await startSmallWorld(smallDocument({ rounds: 2, privacy: { plan: 'sealed', clipNorm: null } }), { log });
    const { devices, descriptor } = await world.invited(2);
    let { round } = descriptor;
    for (let invitation = descriptor; ; ) {
      for (const [i, device] of devices.entries()) {
        const payload = payloadOf(invitation, (vector) => vector.set(planted[i], 5));
        expect(asText(payload)).toContain(asText(bytesOf(planted[i])));
        await upload(device, round, sealedTo(invitation, payload));
        // A refusal is counted, and must not be remembered either.
        await upload(device, round, sealedTo(invitation, payload)).catch(() => undefined);
      }
      await devices[0].next('roundEnded');
      if (round > descriptor.round) break;
      [invitation] = await Promise.all(devices.map((device) => device.next('invitation')));
      round = invitation.round;
    }
    await devices[0].next('taskEnded');

    const places = await placesOf(lines);
    const forbidden = new Map<string, Uint8Array>([['coordinator key', revealSecret(world.identity.secretKey)]]);
    for (const [i, { identity }] of devices.entries()) {
      forbidden.set(`identity of device ${i}`, identity.publicKey);
      forbidden.set(`key of device ${i}`, revealSecret(identity.secretKey));
      forbidden.set(`contribution of device ${i}`, bytesOf(planted[i]));
    }
    expect(foundIn(places, forbidden)).toEqual([]);
  });

  it('hold nothing of a device of a secure round but its identity, in the identity log alone', async () => {
    const lines: string[] = [];
    const log = createLog({ level: 'debug', destination: { write: (line: string) => void lines.push(line) } });
    const count = 20;
    const cohort = { target: count, minimum: count, overSelection: 1, selectionSeconds: 30, collectionSeconds: 30 };
    const privacy = { plan: 'secure', clipNorm: 5 };
    world = await startSmallWorld(smallDocument({ rounds: 1, cohort, privacy }), { log });
    const { devices, descriptor } = await world.invited(count);
    const participants = devices.map((device, index) => {
      const vector = new Float32Array(payloadLength(descriptor.sections)).fill(0.5);
      vector.set(planted[index % 2], 5);
      return secureParticipant(device, descriptor, 'members', vector);
    });
    await Promise.all(
      participants.map(async (participant) => {
        await participant.start();
        await participant.runTo('end');
      }),
    );
    await devices[0].next('taskEnded');

    const places = await placesOf(lines);
    const forbidden = new Map<string, Uint8Array>();
    for (const [i, { device, masked, values }] of participants.entries()) {
      forbidden.set(`identity of device ${i}`, device.identity.publicKey);
      forbidden.set(`key of device ${i}`, revealSecret(device.identity.secretKey));
      forbidden.set(`masked vector of device ${i}`, (masked ?? new Uint8Array(0)).subarray(8, 40));
      forbidden.set(`integers of device ${i}`, packValues(values[0], 20).subarray(10, 40));
      forbidden.set(`wide integers of device ${i}`, new Uint8Array(values[0].buffer, 32, 32));
    }
    expect([...forbidden.values()].every(({ length }) => length >= 30)).toBe(true);
    const found = foundIn(places, forbidden);
    expect(found.filter((trace) => !/^identity of device \d+ in store\.sqlite/.test(trace))).toEqual([]);
    expect(found.length).toBeGreaterThanOrEqual(count);
  });
});

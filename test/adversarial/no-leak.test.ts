/**
 * A whole task with real devices, one of which has a history, a private vector and keys that would be recognised anywhere. Then
 * everything that the task said or left outside of that device is searched for them.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inspect } from 'node:util';
import { fileStorage } from '@tributary/client/node';
import { createLog } from '@tributary/coordinator';
import {
  bytesToHex,
  createIdentity,
  open,
  revealSecret,
  type SecureRandom,
  secretKey,
  systemRandom,
} from '@tributary/privacy';
import { decode, decodePayload, type RoundDescriptor } from '@tributary/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startProxy, startWorld, task, taskDocument, type World } from '../integration/client-world.ts';
import { eventsNamed, websocketFrames } from './websocket-frames.ts';

const items = 60;
const rounds = 2;
const others = 3;
/** The watched person's history, in an order that no catalogue has. */
const history = [41, 7, 53, 19, 2, 37, 11, 58];
const historyIds = history.map((item) => `sku-${item}`);

const document = taskDocument({
  rounds,
  model: { kind: 'implicit-als', dimension: 8 },
  cohort: { target: 4, minimum: 4, overSelection: 1, selectionSeconds: 10, collectionSeconds: 30 },
  privacy: {
    plan: 'sealed',
    clipNorm: 5,
    noise: { mechanism: 'gaussian', noiseMultiplier: 2, delta: 1e-5, budget: 50 },
  },
});

/** What was written or said outside of the device, or by it, by where. */
const places = new Map<string, string>();
/** What must not be found, by what it is, in every form that it may take. */
const forbidden = new Map<string, readonly string[]>();
/** The watched device's own folder, where all of it may be. */
let deviceFolder: string;
let world: World;

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
const bytesOf = (values: Float32Array) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

/** Raw, hexadecimal, Base64 at each of its three alignments, and a list of numbers. */
function formsOf(bytes: Uint8Array): string[] {
  const base64 = [0, 1, 2].map((skip) => Buffer.from(bytes.subarray(skip)).toString('base64').slice(0, 20));
  return [
    latin1(bytes),
    bytesToHex(bytes),
    ...base64,
    bytes.subarray(0, 12).join(','),
    bytes.subarray(0, 12).join(', '),
  ];
}

/** Any three in a row as texts would hold them. */
function sequencesOf(ids: readonly string[]): string[] {
  const between = [',', ', ', '","', '", "', "', '", '\n', ' ', '|', '-', ';'];
  const runs = ids.slice(0, -2).map((_, i) => ids.slice(i, i + 3));
  return runs.flatMap((run) => between.map((mark) => run.join(mark)));
}

/** The platform's randomness; draws as long as a secret key are kept, the ephemeral keys of seals among them. */
function recordedRandom(): { readonly random: SecureRandom; readonly drawn: Uint8Array[] } {
  const drawn: Uint8Array[] = [];
  const bytes = (length: number) => {
    const fresh = systemRandom.bytes(length);
    if (length === 32) drawn.push(fresh.slice());
    return fresh;
  };
  return { random: { bytes }, drawn };
}

/** The plaintext of a seal as its sender can open it: by the ephemeral secret and the recipient's public key. */
function openAsSender(sealed: Uint8Array, { sealingKey }: RoundDescriptor, secret: Uint8Array): Uint8Array | null {
  const turned = sealed.slice();
  if (sealingKey === null) return null;
  turned.set(sealingKey, 0);
  return open(turned, { publicKey: sealed.slice(0, 32), secretKey: secretKey(secret) });
}

beforeAll(async () => {
  deviceFolder = await mkdtemp(join(tmpdir(), 'tributary-no-leak-'));
  const said = { log: [] as string[], 'device log': [] as string[], 'device events and errors': [] as string[] };
  const log = createLog({ level: 'debug', destination: { write: (line: string) => void said.log.push(line) } });
  world = await startWorld(document, items, { log, adminToken: 'an-admin-token-of-a-test' });
  const wire = await startProxy(world.url);
  const { random, drawn } = recordedRandom();
  const identity = createIdentity(systemRandom);
  const storage = await fileStorage(deviceFolder);
  const watched = await world.device(
    {
      identity,
      random,
      storage,
      url: wire.url,
      log: ({ level, message }) => void said['device log'].push(`${level} ${message}`),
    },
    0,
    0,
  );
  const { tributary } = watched;
  const heard = said['device events and errors'];
  for (const name of ['state', 'round', 'progress', 'version', 'error', 'ended'] as const) {
    tributary.on(name, (event) => void heard.push(name, JSON.stringify(event), inspect(event)));
  }
  for (const [at, itemId] of historyIds.entries()) await tributary.track({ type: 'view', itemId, at });
  const devices = [watched];
  for (let i = 0; i < others; i++) devices.push(await world.device({}, i + 1));
  for (const device of devices) device.tributary.start();
  for (const device of devices) expect(await device.tributary.finished).toMatchObject({ outcome: 'ended' });
  expect(devices.flatMap(({ errors }) => errors)).toEqual([]);
  expect(watched.rounds.filter(({ phase }) => phase === 'uploaded')).toHaveLength(rounds);

  // Errors must not repeat what they are about.
  const joined = historyIds.join(',');
  for (const wrong of [
    () => tributary.track({ type: joined, itemId: '' }),
    () => tributary.track({ type: 'view', itemId: joined }),
    () => tributary.recommend({ count: 3, exclude: joined as unknown as string[] }),
  ]) {
    heard.push(
      await wrong().then(
        () => expect.unreachable(),
        (error: unknown) => inspect(error),
      ),
    );
  }
  await tributary.recommend({ count: 3 });
  heard.push(inspect(tributary, { depth: 6, showHidden: true }), JSON.stringify(tributary));
  const vector = (await storage.readRecord('privateVector'))?.vector;
  if (!vector) throw new Error('The device has no private vector.');

  for (const [name, lines] of Object.entries(said)) places.set(name, lines.join('\n'));
  const pages = ['/health', '/ready', '/metrics', '/tasks', '/tasks/none', '/none'];
  for (const path of [...pages, ...['', '/rounds', '/versions'].map((page) => `/tasks/${task}${page}`)]) {
    places.set(`page ${path}`, await (await fetch(`${world.url}${path}`)).text());
  }
  const sent = websocketFrames(wire.bytes('up'));
  const received = websocketFrames(wire.bytes('down'));
  places.set('sent by the device', sent.map(({ payload }) => latin1(payload)).join('\n'));
  places.set('sent to the device', received.map(({ payload }) => latin1(payload)).join('\n'));
  const folder = dirname(world.store.location);
  for (const name of await readdir(folder)) places.set(`store ${name}`, latin1(await readFile(join(folder, name))));

  forbidden.set('history', [
    ...sequencesOf(historyIds),
    ...sequencesOf(history.map(String)),
    ...formsOf(new Uint8Array(Uint32Array.from(history).buffer)),
  ]);
  forbidden.set('private vector', [...formsOf(bytesOf(Float32Array.from(vector))), vector.slice(0, 3).join(',')]);
  forbidden.set('secret key of the identity', formsOf(revealSecret(identity.secretKey)));
  for (const [i, secret] of drawn.entries()) forbidden.set(`secret of a seal ${i}`, formsOf(secret));

  const descriptors = eventsNamed(received, 'invitation').map((bytes) => decode('invitation', bytes));
  expect(descriptors).toHaveLength(rounds);
  const chunks = eventsNamed(sent, 'uploadChunk').map((bytes) => decode('uploadChunk', bytes));
  for (const descriptor of descriptors) {
    const sealed = Buffer.concat(chunks.filter(({ round }) => round === descriptor.round).map(({ bytes }) => bytes));
    const plaintext = drawn.map((secret) => openAsSender(new Uint8Array(sealed), descriptor, secret)).find(Boolean);
    if (!plaintext) throw new Error(`The upload of round ${descriptor.round} was not understood.`);
    const { contribution } = decodePayload(plaintext, descriptor.sections);
    const rows = Array.from({ length: items }, (_, item) => contribution.slice(item * 8, item * 8 + 8));
    const own = rows.filter((row) => row.every((value) => value !== 0));
    // All but the latest, which is held out.
    expect(own).toHaveLength(history.length - 1);
    for (const [i, row] of own.entries()) {
      forbidden.set(`row ${i} of the upload of round ${descriptor.round}`, formsOf(bytesOf(row)));
    }
  }
  await wire.close();
});
afterAll(async () => {
  await world.close();
  await rm(deviceFolder, { recursive: true });
});

/** What was found where. */
function search(searched: ReadonlyMap<string, string>): string[] {
  const found: string[] = [];
  for (const [what, forms] of forbidden) {
    for (const [where, text] of searched)
      if (forms.some((form) => text.includes(form))) found.push(`${what} in ${where}`);
  }
  return found;
}

describe('what a device keeps to itself', () => {
  it('is in no log, event, error, page, message or file of the coordinator', () => {
    expect([...forbidden.keys()].length).toBeGreaterThan(10);
    expect(search(places)).toEqual([]);
  });

  it('would have been found: each place is the one that it says, and the search finds each form', async () => {
    const [, current] = await world.store.versions(task);
    expect(places.get('log')).toContain(current.version.hash);
    expect(places.get('page /metrics')).toContain('tributary_');
    expect(places.get('device events and errors')).toContain('uploaded');
    expect(places.get('device events and errors')).toContain('invalid-event');
    expect(places.get('sent to the device')).toContain('"id":"sku-41"');
    const store = [...places].filter(([name]) => name.startsWith('store ')).map(([, text]) => text);
    const parameters = await world.store.parameters(current.version.parametersHash);
    expect(store.join('')).toContain(latin1(bytesOf(parameters ?? new Float32Array(0)).subarray(0, 64)));
    for (const [what, forms] of forbidden) {
      for (const form of forms) expect(search(new Map([['here', `before${form}after`]]))).toContain(`${what} in here`);
    }
  });
});

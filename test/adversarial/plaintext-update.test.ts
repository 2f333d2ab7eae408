/** What one update in the clear would give away, and what the bytes that leave a device give away. */
import { createTributary, type TributaryEvents } from '@tributary/client';
import { createRecommender, historyOf } from '@tributary/model';
import { syntheticCatalogue } from '@tributary/model/data';
import { sealedLength } from '@tributary/privacy';
import { decodePayload, payloadBytes, recommenderSpecificationOf } from '@tributary/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ScriptedCoordinator,
  scriptedTask,
  startScriptedCoordinator,
} from '../../packages/client/src/testing/scripted-coordinator.ts';
import { until } from '../../packages/client/src/testing/until.ts';
import {
  compare,
  deviationFromChance,
  f1,
  pooled,
  signSplit,
} from '../../packages/simulator/src/attacks/sign-split.ts';

const items = 400;
const people = 30;
const { interactions } = syntheticCatalogue({ users: people, items, interactionsPerUser: 25, seed: 11 });

/** One device's upload, as it left the device and as it was before it was sealed. */
interface Upload {
  /** Items that were trained on. */
  readonly own: ReadonlySet<number>;
  readonly sealed: Uint8Array;
  readonly plaintext: Uint8Array;
}

let coordinator: ScriptedCoordinator;
let uploads: Upload[];
beforeAll(async () => {
  coordinator = await startScriptedCoordinator({ items });
  uploads = [];
  for (let user = 0; user < people; user++) uploads.push(await uploadOf(historyOf(interactions, user)));
});
afterAll(() => coordinator.close());

/** Lets a device with that history take part in one round over a socket. */
async function uploadOf(history: Uint32Array): Promise<Upload> {
  const parts: Uint8Array[] = [];
  const { uploadChunk } = coordinator.handlers;
  coordinator.handlers.uploadChunk = (chunk, device) => {
    parts.push(chunk.bytes.slice());
    return uploadChunk(chunk, device);
  };
  const device = await createTributary({
    url: coordinator.url,
    task: scriptedTask,
    consent: 'granted',
    agreement: { plans: ['sealed'] },
  });
  for (const [at, item] of history.entries()) await device.track({ type: 'view', itemId: `film-${item}`, at });
  await until(() => [...coordinator.devices].some(({ joined }) => joined));
  const uploaded = new Promise<void>((resolve, reject) => {
    device.on('error', reject);
    device.on('round', ({ phase, reason }: TributaryEvents['round']) => {
      if (phase === 'uploaded') resolve();
      if (phase === 'declined' || phase === 'missed') reject(new Error(`The device ${phase}: ${reason}`));
    });
  });
  const descriptor = coordinator.descriptor();
  coordinator.notify('invitation', descriptor);
  await uploaded;
  await device.stop();
  await until(() => coordinator.devices.size === 0);
  coordinator.handlers.uploadChunk = uploadChunk;
  const plaintext = coordinator.uploads.get(descriptor.round);
  if (!plaintext) throw new Error('The upload did not open.');
  // The latest interaction is held out for the device's own evaluation.
  return { own: new Set(history.subarray(0, -1)), sealed: new Uint8Array(Buffer.concat(parts)), plaintext };
}

const recommender = () => createRecommender(recommenderSpecificationOf(coordinator.summary, items));
const contributionOf = (plaintext: Uint8Array) =>
  decodePayload(plaintext, coordinator.descriptor().sections).contribution;
const attack = (delta: Float32Array, own: ReadonlySet<number>) =>
  compare(signSplit(recommender().contributionLayout, delta), own, items);

/** Bytes as a vector of the contribution's length, from any offset. */
function asVector(bytes: Uint8Array, offset: number): Float32Array {
  const length = recommender().contributionLayout.size;
  return new Float32Array(bytes.slice(offset, offset + 4 * length).buffer);
}

describe('the signs of one update', () => {
  it('tell nearly everything that a person has, where the delta is bare', () => {
    for (const { own, plaintext } of uploads) expect(f1(attack(contributionOf(plaintext), own))).toBeGreaterThan(0.99);
  });

  it('tell nothing in the sealed bytes that leave the device, wherever one begins to read', () => {
    const overhead = sealedLength(0);
    for (const offset of [0, 32, 56, overhead, overhead + 4]) {
      const found = pooled(uploads.map(({ own, sealed }) => attack(asVector(sealed, offset), own)));
      // Beyond 5.5 standard deviations once in 25 million runs, were there nothing to find.
      expect(Math.abs(deviationFromChance(found))).toBeLessThan(5.5);
      // Half of everything is taken for the person's own, as by a coin.
      const own = found.truePositives + found.falseNegatives;
      expect(f1(found)).toBeLessThan((2 * own) / (own + items * people * 0.4));
    }
    // The same figures show the attack where it works.
    const bare = pooled(uploads.map(({ own, plaintext }) => attack(contributionOf(plaintext), own)));
    expect(deviationFromChance(bare)).toBeGreaterThan(30);
  });

  it('cannot be guessed from sizes or zeros either: every upload is dense and as long as any other', () => {
    const { sections } = coordinator.descriptor();
    expect(new Set(uploads.map(({ sealed }) => sealed.length))).toEqual(
      new Set([sealedLength(payloadBytes(sections))]),
    );
    for (const { sealed, plaintext } of uploads) {
      // Untouched rows are zeros before they are sealed, and nothing is zero afterwards but by chance (one float in 2^31).
      const before = contributionOf(plaintext);
      expect(before.filter((value) => value === 0).length).toBeGreaterThan(before.length / 4);
      expect(asVector(sealed, sealedLength(0)).filter((value) => value === 0).length).toBeLessThan(3);
    }
  });
});

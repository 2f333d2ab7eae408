/** A coordinator that lies about its catalogue, or is another one than before. */
import { randomBytes } from 'node:crypto';
import { bytesToHex } from '@tributary/privacy';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TributaryError } from '../errors/tributary-error.ts';
import { createTributary, type Tributary } from '../sdk/index.ts';
import { memoryStorage } from '../storage/memory-storage.ts';
import type { Storage } from '../storage/storage.ts';
import { type ScriptedCoordinator, scriptedTask, startScriptedCoordinator } from '../testing/scripted-coordinator.ts';
import { until } from '../testing/until.ts';

let coordinator: ScriptedCoordinator;
let storage: Storage;
const devices: Tributary[] = [];
beforeEach(async () => {
  coordinator = await startScriptedCoordinator();
  storage = { ...memoryStorage(), close: async () => {} };
});
afterEach(async () => {
  await Promise.all(devices.splice(0).map((device) => device.stop()));
  await coordinator.close();
});

async function device() {
  const tributary = await createTributary({
    url: coordinator.url,
    task: scriptedTask,
    consent: 'granted',
    // The scripted coordinator opens what it is sent.
    agreement: { plans: ['sealed'] },
    backoff: { baseMilliseconds: 10, maximumMilliseconds: 50 },
    storage,
  });
  devices.push(tributary);
  const errors: TributaryError[] = [];
  tributary.on('error', (error) => errors.push(error));
  return { tributary, errors };
}
describe('a catalogue', () => {
  const lies: Record<string, { readonly said: RegExp; readonly tell: () => void }> = {
    'that is not the one of the signed version': {
      said: /catalogue that the coordinator names is not the one of the signed model version/,
      tell() {
        const { authenticate } = coordinator.handlers;
        coordinator.handlers.authenticate = async (content, from) => {
          const answer = await authenticate(content, from);
          return { ...answer, summary: { ...answer.summary, catalogueHash: bytesToHex(randomBytes(32)) } };
        };
      },
    },
    'with other bytes than its hash says': {
      said: /does not hash to what was asked for/,
      tell: () => changeBytes((bytes) => bytes.map((byte, at) => (at === 12 ? byte ^ 1 : byte))),
    },
    'of another size than announced': {
      said: /offers a catalogue of 7 bytes; it announced/,
      tell() {
        const { fetch } = coordinator.handlers;
        coordinator.handlers.fetch = async (content, from) => {
          const answer = await fetch(content, from);
          return content.kind === 'catalogue' ? { ...answer, total: 7, bytes: answer.bytes.subarray(0, 7) } : answer;
        };
      },
    },
    'that never gets on': {
      said: /does not continue the download/,
      tell: () => changeBytes((bytes) => bytes.subarray(0, 0)),
    },
  };
  function changeBytes(change: (bytes: Uint8Array) => Uint8Array): void {
    const { fetch } = coordinator.handlers;
    coordinator.handlers.fetch = async (content, from) => {
      const answer = await fetch(content, from);
      return content.kind === 'catalogue' ? { ...answer, bytes: change(answer.bytes) } : answer;
    };
  }

  it.each(Object.keys(lies))(
    '%s is not used and not stored, and the device comes round when it is told the truth',
    async (lie) => {
      const honest = { ...coordinator.handlers };
      lies[lie].tell();
      const { tributary, errors } = await device();
      await tributary.track({ type: 'view', itemId: 'film-1' });
      await until(() => errors.length > 0);
      expect(errors[0].message).toMatch(lies[lie].said);
      expect(await storage.readRecord('model')).toBeNull();
      await expect(tributary.recommend()).rejects.toMatchObject({ code: 'no-model' });
      expect(coordinator.received).not.toContain('join');
      Object.assign(coordinator.handlers, honest);
      await until(() => tributary.state === 'waiting');
      expect((await tributary.recommend({ count: 3 })).items).toHaveLength(3);
    },
  );
});

describe('a coordinator that comes back with another key', () => {
  it('is told nothing, by a device that is running and by one that is started anew; both recommend from what they have', async () => {
    const { tributary } = await device();
    await tributary.track({ type: 'view', itemId: 'film-1' });
    await until(() => tributary.state === 'waiting');
    const before = (await tributary.recommend({ count: 5 })).items;
    const port = Number(new URL(coordinator.url).port);
    await coordinator.close();
    coordinator = await startScriptedCoordinator({ port });
    expect(await tributary.finished).toMatchObject({ outcome: 'failed', error: { code: 'coordinator-key' } });
    expect((await tributary.recommend({ count: 5 })).items).toEqual(before);
    await tributary.stop();
    const later = await device();
    expect(await later.tributary.finished).toMatchObject({ outcome: 'failed', error: { code: 'coordinator-key' } });
    expect((await later.tributary.recommend({ count: 5 })).items).toEqual(before);
    expect(coordinator.received).toEqual([]);
  });
});

/** A page's side and a worker's, with the structured clone of a real channel between them. In real Chromium: test/browser. */
import { MessageChannel } from 'node:worker_threads';
import type { TextModel } from '@tributary/model';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Tributary } from '../sdk/index.ts';
import { memoryStorage } from '../storage/memory-storage.ts';
import { type ScriptedCoordinator, scriptedTask, startScriptedCoordinator } from '../testing/scripted-coordinator.ts';
import { createTributaryInWorker } from './connect.ts';
import type { WorkerOptions } from './messages.ts';
import { serveTributary } from './serve.ts';

let coordinator: ScriptedCoordinator;
const opened: Tributary[] = [];
beforeEach(async () => {
  coordinator = await startScriptedCoordinator({ items: 20 });
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((tributary) => tributary.stop()));
  await coordinator.close();
});

async function inWorker(own?: Parameters<typeof serveTributary>[0], options: Partial<WorkerOptions> = {}) {
  const { port1, port2 } = new MessageChannel();
  const close = vi.fn(() => port1.close());
  serveTributary(own, {
    postMessage: (message) => port2.postMessage(message),
    addEventListener: (_, listener) => void port2.on('message', (data) => listener({ data })),
  });
  const worker = {
    postMessage: (message: unknown) => port1.postMessage(message),
    addEventListener(name: 'message' | 'error', listener: (event: never) => void) {
      if (name === 'message') port1.on('message', (data) => listener({ data } as never));
    },
    terminate: close,
  };
  const opening = createTributaryInWorker(worker, {
    url: coordinator.url,
    task: scriptedTask,
    consent: 'granted',
    agreement: { plans: ['sealed'] },
    ...options,
  });
  opening.then((tributary) => opened.push(tributary)).catch(() => {});
  return { opening, close };
}

/** Encodes a text by the first number in it, as an angle: numbers near each other are alike. */
const angles: TextModel = {
  hash: 'a'.repeat(64),
  adapterHash: null,
  width: 2,
  encode: async (texts) =>
    Float32Array.from(
      texts.flatMap((text) => {
        const angle = (Number(/\d+/.exec(text)?.[0] ?? 0) * Math.PI) / 40;
        return [Math.cos(angle), Math.sin(angle)];
      }),
    ),
  requiredBytes: () => 0,
  trainable() {
    throw new Error('Nothing trains here.');
  },
};

/** By words until the items are encoded. */
async function searchByMeaning(tributary: Tributary, text: string) {
  for (;;) {
    const { items, basis } = await tributary.search(text, { count: 3 });
    if (basis === 'encoder') return items.map(({ id }) => id);
  }
}

describe('a worker', () => {
  it('searches by words where its script brings nothing', async () => {
    const tributary = await (await inWorker()).opening;
    for (let i = 0; i < 3; i++) {
      expect(await tributary.search('film 7', { count: 1 })).toMatchObject({
        basis: 'words',
        items: [{ id: 'film-7' }],
      });
    }
  });

  it.each([
    ['options', { texts: { model: angles } }],
    ['a function that makes them', async () => ({ texts: { model: angles } })],
  ])('searches by what texts mean where its script brings an encoder as %s', async (_, own) => {
    const tributary = await (await inWorker(own)).opening;
    expect(await searchByMeaning(tributary, 'something like 7')).toEqual([
      'film-7',
      expect.any(String),
      expect.any(String),
    ]);
    expect((await searchByMeaning(tributary, 'something like 0')).sort()).toEqual(['film-0', 'film-1', 'film-2']);
  });

  it('makes its own options of what the page opens it with, and keeps to what both gave', async () => {
    const storage = memoryStorage();
    const asked: WorkerOptions[] = [];
    const own = (options: WorkerOptions) => {
      asked.push(options);
      return { storage };
    };
    const tributary = await (await inWorker(own, { consent: 'denied', consentVersion: '3' })).opening;
    expect(asked).toMatchObject([{ url: coordinator.url, task: scriptedTask, consentVersion: '3' }]);
    expect(tributary.consent).toMatchObject({ status: 'denied', version: '3' });
    expect(await storage.readRecord('consent')).toMatchObject({ status: 'denied', version: '3' });
  });

  it('does not open where its own options cannot be made, and says why', async () => {
    const { opening, close } = await inWorker(async () => {
      throw new Error('The weights are not where they should be.');
    });
    await expect(opening).rejects.toMatchObject({
      name: 'TributaryError',
      code: 'training',
      message: 'The weights are not where they should be.',
    });
    expect(close).toHaveBeenCalledOnce();
  });
});

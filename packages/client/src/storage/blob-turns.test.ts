/** Models that are kept and uploads that are dropped at one time, in one tab and in two: no record ever names bytes that are gone. */
import { sha256 } from '@tributary/privacy';
import type { ModelVersion } from '@tributary/protocol';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { createModelCache } from '../recommend/model-cache.ts';
import type { Connection } from '../session/connection.ts';
import { createItemTexts } from '../session/item-texts.ts';
import { createModelSource } from '../session/model-source.ts';
import { dropUpload, restoreUpload, storeUpload } from '../session/upload-store.ts';
import { type Device, type ScriptedCoordinator, startScriptedCoordinator } from '../testing/scripted-coordinator.ts';
import { inBlobTurn } from './blob-turns.ts';
import { memoryStorage } from './memory-storage.ts';
import type { Storage } from './storage.ts';

let coordinator: ScriptedCoordinator;
let versions: readonly ModelVersion[];
beforeAll(async () => {
  coordinator = await startScriptedCoordinator({ items: 5 });
  const parameters = (value: number) => new Float32Array(coordinator.version.parameterBytes / 4).fill(value);
  versions = [1, 2, 3].map((round) => coordinator.publish(parameters(round), round));
});
afterAll(() => coordinator.close());
afterEach(() => vi.unstubAllGlobals());

const uploads = [1, 2].map((round) => {
  const bytes = Uint8Array.of(round);
  return { round, roundHash: 'ab', bytes, sha256: sha256(bytes), until: 1000 };
});

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await Promise.resolve();
}

/** One operation after the other in the order of the calls, as the contract has it, each after so many turns. */
function slow(storage: Storage, delays: readonly number[]): Storage {
  let last: Promise<unknown> = Promise.resolve();
  let calls = 0;
  const later =
    <Input extends unknown[], Output>(operation: (...input: Input) => Promise<Output>) =>
    (...input: Input): Promise<Output> => {
      const result = last.then(() => turns(delays[calls++ % delays.length])).then(() => operation(...input));
      last = result.catch(() => {});
      return result;
    };
  return {
    ...storage,
    readRecord: later(storage.readRecord) as Storage['readRecord'],
    writeRecord: later(storage.writeRecord) as Storage['writeRecord'],
    removeRecord: later(storage.removeRecord),
    readBlob: later(storage.readBlob),
    writeBlob: later(storage.writeBlob),
    keepBlobs: later(storage.keepBlobs),
  };
}

/** Of Web Locks, what the tabs need: whoever asks for a name waits for those before. */
function webLocks() {
  const held = new Map<string, Promise<unknown>>();
  return {
    request<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
      const result = (held.get(name) ?? Promise.resolve()).then(work);
      held.set(
        name,
        result.catch(() => {}),
      );
      return result;
    },
  };
}

/** Says of every moment what a record names and the storage does not have. */
function watched(storage: Storage, missing: string[]): Storage {
  async function look(): Promise<void> {
    const model = await storage.readRecord('model');
    for (const hash of model?.blobs ?? []) if ((await storage.readBlob(hash)) === null) missing.push(`model ${hash}`);
  }
  return {
    ...storage,
    writeRecord: (name, value) => storage.writeRecord(name, value).then(look),
    keepBlobs: (hashes) => storage.keepBlobs(hashes).then(look),
  };
}

function tabOn(storage: Storage) {
  const models = createModelSource({
    storage,
    cache: createModelCache({ capacity: 1 }),
    emit: () => {},
    tfjs: undefined,
    texts: createItemTexts(undefined, Date.now),
  });
  const connection = {
    request: async (_: 'fetch', content: never) => coordinator.handlers.fetch(content, null as unknown as Device),
  } as unknown as Connection;
  return {
    keep: (version: number) => models.prepare(versions[version], coordinator.summary, connection),
    store: (upload: number) => storeUpload(storage, uploads[upload]),
    drop: () => dropUpload(storage, false),
    restore: () => restoreUpload(storage, 0),
  };
}

const delays = fc.array(fc.nat({ max: 6 }), { minLength: 1, maxLength: 8 });
const act = fc.record({
  tab: fc.nat({ max: 1 }),
  after: fc.nat({ max: 60 }),
  what: fc.oneof(
    fc.record({ name: fc.constant('keep' as const), of: fc.nat({ max: 2 }) }),
    fc.record({ name: fc.constant('store' as const), of: fc.nat({ max: 1 }) }),
    fc.record({ name: fc.constantFrom('drop' as const, 'restore' as const), of: fc.constant(0) }),
  ),
});

it.each([1, 2])('no record names bytes that are gone, whatever %i tab(s) keep and drop at one time', async (tabs) => {
  vi.stubGlobal('navigator', { locks: webLocks() });
  await fc.assert(
    fc.asyncProperty(
      fc.array(delays, { minLength: tabs, maxLength: tabs }),
      fc.array(act, { minLength: 2, maxLength: 8 }),
      async (delaysOfTabs, acts) => {
        const missing: string[] = [];
        const shared = watched(memoryStorage(), missing);
        const open = delaysOfTabs.map((of) => tabOn({ ...slow(shared, of), ...(tabs > 1 && { sharedAs: 'films' }) }));
        const stored: Promise<unknown>[] = [];
        await Promise.all(
          acts.map(async ({ tab, after, what }) => {
            await turns(after);
            const done = open[tab % tabs][what.name](what.of);
            if (what.name === 'store') stored.push(done);
            await done;
          }),
        );
        expect(missing).toEqual([]);
        const upload = await shared.readRecord('interruptedUpload');
        if (upload !== null) expect(await shared.readBlob(upload.sha256)).not.toBeNull();
        // The upload that was stored last is there whole, unless somebody dropped one.
        if (!acts.some(({ what }) => what.name === 'drop')) expect(upload === null).toBe(stored.length === 0);
      },
    ),
    { numRuns: 100 },
  );
});

it('work that fails holds nobody up, and tells who asked for it', async () => {
  const storage = memoryStorage();
  const order: string[] = [];
  const failing = inBlobTurn(storage, async () => {
    order.push('first');
    throw new Error('the disk is full');
  });
  const next = inBlobTurn(storage, async () => order.push('second'));
  await expect(failing).rejects.toThrow('the disk is full');
  expect(await next).toBe(2);
  expect(order).toEqual(['first', 'second']);
});

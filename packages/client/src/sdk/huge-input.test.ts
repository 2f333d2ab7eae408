/** An app that hands the SDK a megabyte where a word belongs. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryStorage } from '../storage/memory-storage.ts';
import type { Storage } from '../storage/storage.ts';
import { type ScriptedCoordinator, scriptedTask, startScriptedCoordinator } from '../testing/scripted-coordinator.ts';
import { createTributary, type Tributary } from './index.ts';

const huge = 'x'.repeat(1_000_000);
const writes = ['appendInteraction', 'writeRecord', 'writeBlob'] as const;
let coordinator: ScriptedCoordinator;
let tributary: Tributary;
let written: string[];
beforeEach(async () => {
  coordinator = await startScriptedCoordinator();
  const plain = memoryStorage();
  written = [];
  const watched = Object.fromEntries(
    writes.map((name) => [
      name,
      (...input: readonly unknown[]) => {
        written.push(name);
        return (plain[name] as (...given: readonly unknown[]) => Promise<void>)(...input);
      },
    ]),
  ) as unknown as Pick<Storage, (typeof writes)[number]>;
  tributary = await createTributary({
    url: coordinator.url,
    task: scriptedTask,
    consent: 'granted',
    // The scripted coordinator opens what it is sent.
    agreement: { plans: ['sealed'] },
    storage: { ...plain, ...watched },
  });
  await tributary.track({ type: 'view', itemId: 'film-1' });
  await tributary.recommend();
  written.length = 0;
});
afterEach(async () => {
  await tributary.stop();
  await coordinator.close();
});

describe('a megabyte of text', () => {
  it.each([
    ['an item id', 'invalid-event', () => tributary.track({ type: 'view', itemId: huge })],
    ['a type', 'invalid-event', () => tributary.track({ type: huge, itemId: 'film-1' })],
    [
      'a recommendationId',
      'invalid-event',
      () => tributary.track({ type: 'view', itemId: 'film-1', recommendationId: huge }),
    ],
    ['an item to explain', 'unknown-item', () => tributary.explain(huge)],
    ['an item to compare with', 'unknown-item', () => tributary.similar(huge)],
    ['a text to search for', 'invalid-option', () => tributary.search(huge)],
  ] as const)('as %s is refused with %s in a short message, and nothing is written', async (_, code, call) => {
    const error = await call().then(
      () => null,
      (reason) => reason,
    );
    expect(error).toMatchObject({ name: 'TributaryError', code });
    expect(error.message.length).toBeLessThan(300);
    expect(written).toEqual([]);
    expect(tributary.events).toBe(1);
  });

  it('as an attribute or an exclusion fits no item, as any other word that the catalogue does not have', async () => {
    expect((await tributary.recommend({ attributes: [huge] })).items).toEqual([]);
    expect((await tributary.recommend({ exclude: [huge], count: 30 })).items).toHaveLength(29);
    expect(written).toEqual([]);
  });
});

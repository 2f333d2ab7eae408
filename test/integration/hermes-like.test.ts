/**
 * The SDK's React Native entry where there is neither Node nor a page: in a context whose globals are those of React Native on Hermes
 * (`hermes-like/globals.ts`). It is V8 that runs it, so this shows what the SDK asks of its runtime, not Hermes' own faults.
 */
import type { Context } from 'node:vm';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, task, taskDocument, type World } from './client-world.ts';
import type * as App from './hermes-like/app.ts';
import { beyondHermes, bundleForHermes, syntaxOf } from './hermes-like/bundle.ts';
import { hermesLikeContext } from './hermes-like/context.ts';

let script: string;
let world: World | null = null;
beforeAll(async () => {
  script = await bundleForHermes('test/integration/hermes-like/app.ts', 'app');
});
afterEach(async () => {
  await world?.close();
  world = null;
});

const appIn = (context: Context): typeof App => context.app;

describe('the bundle of an app', () => {
  it('has no import that is left to the runtime', () => {
    expect(syntaxOf(script).dynamicImports).toBe(0);
  });

  it('has no regular expression that Hermes cannot compile', () => {
    const { regularExpressions } = syntaxOf(script);
    expect(regularExpressions.length).toBeGreaterThan(20);
    expect(regularExpressions.map(beyondHermes).filter((problem) => problem !== null)).toEqual([]);
  });

  it.each([
    ['/\\p{L}+/u', /property/],
    ['/[^\\P{Lu}x]/u', /property/],
    ['/a/v', /flag/],
    ['/(?i:a)b/', /modifier/],
  ])('would be found out with %s', (literal, problem) => {
    expect(beyondHermes(literal)).toMatch(problem);
  });

  it.each(['/(?<=a)(?<year>b)/su', '/\\\\p{2}/', '/(?:a|b)/'])('may have %s', (literal) => {
    expect(beyondHermes(literal)).toBeNull();
  });
});

describe('a device under the restrictions of Hermes', () => {
  it('has nothing of Node and nothing of a page', async () => {
    const app = appIn(await hermesLikeContext([script]));
    expect([...app.globalsThatAreThere]).toEqual([]);
  });

  it('takes part in a secure round among devices of Node, recommends from the model, and again after a restart', async () => {
    const cohort = {
      target: 22,
      minimum: 20,
      overSelection: 1,
      selectionSeconds: 20,
      collectionSeconds: 30,
      phaseSeconds: 15,
    };
    world = await startWorld(taskDocument({ rounds: 1, cohort, privacy: { plan: 'secure', clipNorm: 5 } }));
    const { url } = world;
    const app = appIn(await hermesLikeContext([script]));
    const phone = await app.open({ url, task, plan: 'secure' });
    for (const n of [1, 4, 7]) await phone.tributary.track({ type: 'view', itemId: `sku-${n}` });
    const others = await Promise.all(Array.from({ length: 21 }, () => (world as World).device()));
    for (const { tributary } of [phone, ...others]) tributary.start();

    expect(await phone.tributary.finished).toMatchObject({ outcome: 'ended' });
    expect([...phone.errors]).toEqual([]);
    expect(phone.rounds.map(({ phase }) => phase)).toEqual(
      expect.arrayContaining(['keying', 'sharing', 'masking', 'uploaded', 'revealed', 'closed']),
    );
    const [round] = await world.store.rounds(task, 10);
    expect(round).toMatchObject({ outcome: 'closed', contributions: 22 });

    const { items, basis } = await phone.tributary.recommend({ count: 5 });
    expect(basis).toBe('history');
    expect(items).toHaveLength(5);
    expect(items.map(({ id }) => id)).not.toEqual(expect.arrayContaining(['sku-1']));
    expect(new Set(items.map(({ score }) => score)).size).toBeGreaterThan(1);
    const found = await phone.tributary.search('thing 4', { count: 1 });
    expect(found).toMatchObject({ basis: 'words', items: [{ id: 'sku-4' }] });
    expect((await phone.tributary.explain(items[0].id)).contributions.length).toBeGreaterThan(0);
    const before = items.map(({ id, score }) => [id, score]);
    await phone.tributary.stop();

    const again = await app.open({ url: 'http://127.0.0.1:9', task, plan: 'secure' });
    expect(again.tributary.deviceId).toBe(phone.tributary.deviceId);
    const offline = await again.tributary.recommend({ count: 5 });
    expect(offline.items.map(({ id, score }) => [id, score])).toEqual(before);
    await again.tributary.stop();
  });

  it('takes part in a sealed round', async () => {
    const cohort = { target: 2, minimum: 2, overSelection: 1, selectionSeconds: 20, collectionSeconds: 30 };
    world = await startWorld(taskDocument({ rounds: 1, cohort }));
    const app = appIn(await hermesLikeContext([script]));
    const phone = await app.open({ url: world.url, task, plan: 'sealed' });
    await phone.tributary.track({ type: 'view', itemId: 'sku-3' });
    const other = await world.device();
    for (const { tributary } of [phone, other]) tributary.start();
    expect(await phone.tributary.finished).toMatchObject({ outcome: 'ended' });
    expect([...phone.errors]).toEqual([]);
    expect((await world.store.rounds(task, 10))[0]).toMatchObject({ outcome: 'closed', contributions: 2 });
    await phone.tributary.stop();
  });

  it('is told what to install where there is no randomness', async () => {
    const app = appIn(await hermesLikeContext([script, 'delete globalThis.crypto;']));
    await expect(app.open({ url: 'http://127.0.0.1:9', task, plan: 'secure' })).rejects.toMatchObject({
      code: 'invalid-option',
      message: expect.stringContaining("import 'react-native-get-random-values'"),
    });
  });
});

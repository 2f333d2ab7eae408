/** Devices that read texts: LoRA on a text encoder, trained under secure aggregation and differential privacy, over real sockets. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileStorage } from '@tributary/client/node';
import type { Item } from '@tributary/model';
import { createTextModel, type LoadedTextModel, openBuiltInEncoder } from '@tributary/model/encoder';
import { packedLength } from '@tributary/privacy';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startProxy, startWorld, task, taskDocument, type World } from './client-world.ts';

const topics = [
  ['spaceship', 'A crew is stranded on a distant planet and repairs its engine.'],
  ['recipe', 'A cook shows how bread, soup and cakes are made at home.'],
];
const catalogue: readonly Item[] = Array.from({ length: 30 }, (_, item) => {
  const [word, description] = topics[item % 2];
  return { id: `sku-${item}`, title: `The ${word}, part ${item}`, attributes: [], description };
});

/** B of rank 4 on query and value of two layers of width 128. */
const adapterSize = 2 * 2 * 128 * 4;

const hybrid = (encoder: string, change: object = {}) =>
  taskDocument({
    rounds: 2,
    model: {
      kind: 'hybrid',
      plan: 'full',
      dimension: 8,
      features: { text: true, attributes: false },
      encoder,
      textWidth: 128,
      adapter: { rank: 4, size: adapterSize, texts: 4 },
      groupClip: { rows: 0.8, fusion: 0.4, adapter: 0.4 },
    },
    training: {
      local: {
        ...{ epochs: 1, reconstructionEpochs: 2, batchSize: 8, learningRate: 0.3, privateLearningRate: 1 },
        ...{ negativesPerPositive: 2, regularisation: 0 },
      },
    },
    cohort: {
      target: 20,
      minimum: 20,
      overSelection: 1,
      selectionSeconds: 30,
      collectionSeconds: 60,
      phaseSeconds: 20,
    },
    privacy: {
      plan: 'secure',
      clipNorm: 1,
      noise: { placement: 'distributed', delta: 1e-5, budget: 20 },
    },
    ...change,
  });

let model: LoadedTextModel;
let world: World;
beforeAll(async () => {
  model = await createTextModel(await openBuiltInEncoder());
});
afterAll(() => model.dispose());
afterEach(() => world?.close());

describe('devices that train an adapter of a text encoder', () => {
  it('would upload one of MiniLM, rank 8 on query and value, in less than 160 kB at 16 bits under the mask', () => {
    // Its 73,728 parameters, half of them with A frozen, are counted in packages/model/src/encoder/adapters/adapter.test.ts.
    expect(packedLength(73_728, 16)).toBeLessThan(160_000);
  });

  it('complete two rounds, twenty together, masked and under noise; one of them has no time for the encoder', async () => {
    world = await startWorld(hybrid(model.hash), catalogue);
    const devices = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        world.device({ texts: { model, ...(at === 7 ? { adapterSeconds: 0 } : {}) } }),
      ),
    );
    for (const { tributary } of devices) tributary.start();
    for (const { tributary } of devices) expect(await tributary.finished).toMatchObject({ outcome: 'ended' });
    expect(devices.flatMap(({ errors }) => errors)).toEqual([]);
    expect(world.failures).toEqual([]);
    const rounds = await world.store.rounds(task, 100);
    expect(rounds.map(({ outcome, contributions }) => [outcome, contributions])).toEqual([
      ['closed', 20],
      ['closed', 20],
    ]);
    const { items, basis } = await devices[0].tributary.recommend({ count: 5 });
    expect(basis).toBe('history');
    expect(items).toHaveLength(5);
    const { version } = (await world.store.versions(task))[2];
    expect(version.epsilon).toBeGreaterThan(0);
    expect(version.epsilon).toBeLessThanOrEqual(20);
  });

  it("keep a person's own words on her device: neither the wire nor her disk has them, and no task without noise of the devices gets at them", async () => {
    world = await startWorld(hybrid(model.hash, { rounds: 1 }), catalogue);
    const folder = await mkdtemp(join(tmpdir(), 'tributary-own-text-'));
    const proxy = await startProxy(world.url);
    const own = 'Zanzibarian astronaut-baker wants sourdough on Mars';
    const person = await world.device({
      url: proxy.url,
      storage: await fileStorage(folder),
      texts: { model, own },
    });
    const others = await Promise.all(Array.from({ length: 19 }, () => world.device({ texts: { model } })));
    const all = [person, ...others];
    for (const { tributary } of all) tributary.start();
    for (const { tributary } of all) expect(await tributary.finished).toMatchObject({ outcome: 'ended' });
    expect((await person.tributary.recommend({ count: 3 })).items).toHaveLength(3);
    const words = /Zanzibarian|sourdough/i;
    expect(Buffer.from(proxy.bytes('up')).toString('latin1')).not.toMatch(words);
    for (const name of await readdir(folder, { recursive: true })) {
      expect(await readFile(join(folder, name), 'latin1').catch(() => '')).not.toMatch(words);
    }
    await proxy.close();
    await rm(folder, { recursive: true });
  });

  it('say what is missing where there is no encoder, another one, or no memory for it', async () => {
    world = await startWorld(hybrid(model.hash), catalogue);
    const wrong = [
      [undefined, /reads texts by the encoder [0-9a-f]{64}.*createTextModel/],
      [{ model: { ...model, hash: '0'.repeat(64) } }, /the task 'shop' expects/],
      [{ model, memoryBytes: 1000 }, /1000 bytes of memory, the cheap plan needs/],
    ] as const;
    for (const [texts, message] of wrong) {
      const { tributary } = await world.device(texts ? { texts } : {});
      tributary.start();
      const end = await tributary.finished;
      expect(end).toMatchObject({ outcome: 'failed', error: { code: 'texts' } });
      expect(end.outcome === 'failed' && end.error.message).toMatch(message);
    }
  });
});

import { encodeOnce, itemText, memoryEncodings } from '@tributary/model';
import { createTextModel, openBuiltInEncoder } from '@tributary/model/encoder';
import { afterEach, expect, it } from 'vitest';
import type { CatalogueItem } from '../store/store.ts';
import { payloadOf, sealedTo, upload } from '../testing/raw-device.ts';
import { type SmallWorld, smallDocument, smallTask, startSmallWorld } from '../testing/small-world.ts';

let world: SmallWorld | null = null;
afterEach(() => world?.close());

const document = (fields: object = {}) => smallDocument({ model: { kind: 'hybrid', dimension: 3 }, ...fields });

it('A coordinator encodes the catalogue of a task whose model sees texts, and steps with it', async () => {
  const asked: number[] = [];
  world = await startSmallWorld(document(), {
    encodeItems: async (items) => {
      asked.push(items.length);
      return {
        width: 2,
        values: Float32Array.from({ length: 2 * items.length }, (_, at) => Math.cos(at)),
        source: 'a',
      };
    },
  });
  const { devices, descriptor } = await world.invited(2);
  for (const device of devices) await upload(device, descriptor.round, sealedTo(descriptor, payloadOf(descriptor)));
  expect(await devices[0].next('roundEnded')).toMatchObject({ outcome: 'closed' });
  expect(asked).toHaveLength(1);
});

it('A coordinator without an encoder refuses such a task before it writes anything', async () => {
  world = await startSmallWorld(smallDocument());
  const other = document({ task: 'books' });
  await expect(world.coordinator.createTask(other, [])).rejects.toMatchObject({
    name: 'StoreError',
    code: 'conflict',
    message: expect.stringMatching(/has a model that sees texts, and this coordinator has no encoder/),
  });
  expect((await world.store.tasks()).map(({ id }) => id)).toEqual([smallTask]);
});

const encodeItems = async (items: readonly CatalogueItem[]) => {
  const model = await createTextModel(await openBuiltInEncoder());
  try {
    return await encodeOnce(items.map(itemText), model, memoryEncodings());
  } finally {
    model.dispose();
  }
};

it('A coordinator fits the adapter of a task after its rounds', async () => {
  const adapted = document({ model: { kind: 'hybrid', dimension: 3, adapter: { steps: 1, texts: 4 } } });
  world = await startSmallWorld(adapted, { encodeItems, adaptedEncoder: null });
  const { devices, descriptor } = await world.invited(2);
  for (const device of devices) await upload(device, descriptor.round, sealedTo(descriptor, payloadOf(descriptor)));
  expect(await devices[0].next('roundEnded')).toMatchObject({ outcome: 'closed' });
  expect((await world.store.versions(smallTask)).map(({ origin }) => origin)).toEqual(['initial', 'round']);
});

it('A coordinator that ends in the middle of a step leaves a task that goes on at the next start', async () => {
  const long = document({ model: { kind: 'hybrid', dimension: 3, adapter: { steps: 10_000, texts: 4 } } });
  world = await startSmallWorld(long, { encodeItems, adaptedEncoder: null });
  const { devices, descriptor } = await world.invited(2);
  for (const device of devices) await upload(device, descriptor.round, sealedTo(descriptor, payloadOf(descriptor)));
  await expect.poll(() => world?.coordinator.view(smallTask)?.phase).toBe('releasing');
  await world.coordinator.close();
  expect(await world.store.task(smallTask)).toMatchObject({ status: 'running' });
  expect((await world.store.versions(smallTask)).map(({ origin }) => origin)).toEqual(['initial']);
});

it('A coordinator without an encoder to adapt refuses such a task, and says what to do', async () => {
  world = await startSmallWorld(smallDocument(), { encodeItems });
  const other = document({ task: 'books', model: { kind: 'hybrid', dimension: 3, adapter: {} } });
  await expect(world.coordinator.createTask(other, [])).rejects.toMatchObject({
    name: 'StoreError',
    code: 'conflict',
    message: expect.stringMatching(/fitted through the text encoder.*Leave model.adapter out/s),
  });
  expect((await world.store.tasks()).map(({ id }) => id)).toEqual([smallTask]);
});

it('A coordinator refuses an adapter that does not fit its encoder before it writes anything', async () => {
  world = await startSmallWorld(smallDocument(), { encodeItems, adaptedEncoder: null });
  const other = document({ task: 'books', model: { kind: 'hybrid', dimension: 3, adapter: { lastLayers: 99 } } });
  const items = Array.from({ length: 4 }, (_, i) => ({
    id: `b${i}`,
    title: `Book ${i}`,
    attributes: [],
    description: '',
  }));
  await expect(world.coordinator.createTask(other, items)).rejects.toMatchObject({
    name: 'StoreError',
    code: 'conflict',
    message: expect.stringMatching(/cannot be fitted: .*last 99 layers, the encoder has 2/),
  });
  expect((await world.store.tasks()).map(({ id }) => id)).toEqual([smallTask]);
});

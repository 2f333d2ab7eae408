import { afterEach, expect, it } from 'vitest';
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

it('A coordinator refuses a task whose adapter it would have to fit, and says what to do', async () => {
  world = await startSmallWorld(smallDocument(), {
    encodeItems: async (items) => ({ width: 2, values: new Float32Array(2 * items.length), source: 'a' }),
  });
  const other = document({ task: 'books', model: { kind: 'hybrid', dimension: 3, adapter: {} } });
  await expect(world.coordinator.createTask(other, [])).rejects.toMatchObject({
    name: 'StoreError',
    code: 'conflict',
    message: expect.stringMatching(/fitted through the text encoder.*Leave model.adapter out/s),
  });
  expect((await world.store.tasks()).map(({ id }) => id)).toEqual([smallTask]);
});

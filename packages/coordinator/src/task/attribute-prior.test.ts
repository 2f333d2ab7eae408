import { afterEach, expect, it } from 'vitest';
import { payloadOf, sealedTo, upload } from '../testing/raw-device.ts';
import { type SmallWorld, smallDocument, smallTask, startSmallWorld } from '../testing/small-world.ts';

let world: SmallWorld;
afterEach(() => world.close());

it('A coordinator steps with the attributes of its catalogue under noise', async () => {
  const noise = { mechanism: 'gaussian', noiseMultiplier: 2, delta: 1e-5, budget: 100 };
  const document = smallDocument({
    training: { prior: 'attributes' },
    privacy: { plan: 'sealed', clipNorm: 5, noise },
    rounds: 100,
  });
  world = await startSmallWorld(document);
  const { devices, descriptor } = await world.invited(2);
  for (const device of devices) await upload(device, descriptor.round, sealedTo(descriptor, payloadOf(descriptor)));
  expect(await devices[0].next('roundEnded')).toMatchObject({ outcome: 'closed' });
  const versions = await world.store.versions(smallTask);
  expect(versions.map(({ origin }) => origin)).toEqual(['initial', 'round']);
});

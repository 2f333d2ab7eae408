/** A store of a real task with noise, whose rounds were run by real devices and are done. */
import { createTributary } from '@tributary/client';
import { createCoordinator, loadCoordinatorIdentity, openStore } from '@tributary/coordinator';
import { systemRandom } from '@tributary/privacy';
import { expect } from 'vitest';
import { catalogueOf, task, taskDocument } from './client-world.ts';

export interface ChargedStore {
  /** Hashes of all versions, the first one first. */
  readonly versions: readonly string[];
  readonly population: string;
  /** Of the coordinator, in hex. */
  readonly key: string;
}

/** @param folder of the store, which is made and closed again */
export async function makeChargedStore(folder: string, rounds: number): Promise<ChargedStore> {
  const store = await openStore(folder);
  const identity = await loadCoordinatorIdentity(folder, systemRandom);
  const coordinator = await createCoordinator({ store, identity });
  const document = taskDocument({
    rounds,
    cohort: { target: 2, minimum: 2, overSelection: 1, selectionSeconds: 5, collectionSeconds: 30 },
    privacy: {
      plan: 'sealed',
      clipNorm: 5,
      noise: { mechanism: 'gaussian', noiseMultiplier: 2, delta: 1e-5, budget: 8 },
    },
  });
  await coordinator.createTask(document, catalogueOf(600));
  const devices = await Promise.all(
    [1, 2].map(() =>
      createTributary({ url: coordinator.url, task, consent: 'granted', agreement: { plans: ['sealed'] } }),
    ),
  );
  for (const device of devices) for (const i of [1, 2, 3]) await device.track({ type: 'view', itemId: `sku-${i}` });
  for (const device of devices) expect(await device.finished).toMatchObject({ outcome: 'ended' });
  await Promise.all(devices.map((device) => device.stop()));
  const versions = (await store.versions(task)).map(({ version }) => version.hash);
  await coordinator.close();
  await store.close();
  return { versions, population: document.population, key: Buffer.from(identity.publicKey).toString('hex') };
}

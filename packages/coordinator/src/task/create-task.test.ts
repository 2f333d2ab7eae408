import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createIdentity, systemRandom } from '@tributary/privacy';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ledgerOf } from '../ledger/population-ledger.ts';
import { parametersHash } from '../registry/version.ts';
import { openStore } from '../store/embedded.ts';
import type { CatalogueItem, Store } from '../store/store.ts';
import { smallCatalogue, smallDocument } from '../testing/small-world.ts';
import { coordinatorRecommender, createTask } from './create-task.ts';

const identity = createIdentity(systemRandom);
const now = () => 1000;
const noise = { mechanism: 'gaussian', noiseMultiplier: 2, delta: 1e-5, budget: 8 };
const plain = { plan: 'sealed', clipNorm: 5 };
const noisy = { ...plain, noise };

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-task-'));
  store = await openStore(folder);
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const create = (fields: object, catalogue: readonly CatalogueItem[] = smallCatalogue(10)) =>
  createTask({ store, identity, document: smallDocument(fields), catalogue, now });
const conflict = (promise: Promise<void>, message: RegExp) =>
  expect(promise).rejects.toMatchObject({
    name: 'StoreError',
    code: 'conflict',
    message: expect.stringMatching(message),
  });
const names = async () => (await store.tasks()).map(({ id }) => id);
const entries = (population: string) => store.ledger.entries(population);

describe('a new task', () => {
  it('starts from the attributes of its catalogue where the model asks for it, and steps with them', async () => {
    const catalogue = smallCatalogue(10).map((item, i) => ({ ...item, attributes: [i < 5 ? 'Comedy' : 'Drama'] }));
    const model = { kind: 'implicit-als', dimension: 4, initialScale: 1e-4, initialAttributeScale: 1 };
    const fields = { model, training: { prior: 'attributes' }, privacy: noisy };
    await create(fields, catalogue);
    const recommender = coordinatorRecommender(smallDocument(fields), 10, catalogue);
    const shared = recommender.initialise(1);
    const task = await store.task('films');
    expect(task?.currentVersion).toBe((await store.versions('films'))[0].version.hash);
    expect((await store.versions('films'))[0].version.parametersHash).toBe(parametersHash(shared));
    const sum = new Float32Array(recommender.contributionLayout.size).fill(0.25);
    const direction = recommender.direction(shared, { sum, denominator: 5, noiseStandardDeviation: 10 });
    expect(direction.every(Number.isFinite)).toBe(true);
    expect(() => coordinatorRecommender(smallDocument(fields), 10).initialise(1)).toThrow(/items of its catalogue/);
  });

  it('without noise is refused on people whose models have noise', async () => {
    await create({ task: 'films', privacy: noisy });
    await conflict(create({ task: 'books', privacy: plain }), /'films' on population 'members' adds noise/);
    expect(await names()).toEqual(['films']);
    await create({ task: 'books', privacy: plain, population: 'visitors' });
    expect(await names()).toEqual(['books', 'films']);
    expect(await entries('visitors')).toEqual([]);
  });

  it('with noise is refused on people whose models have none, and opens no ledger for them', async () => {
    await create({ task: 'films', privacy: plain });
    await conflict(create({ task: 'books', privacy: noisy }), /'films' on population 'members' adds no noise/);
    expect(await names()).toEqual(['films']);
    expect(await entries('members')).toEqual([]);
  });

  it('of one kind keeps the other kind out, also when both are created at once', async () => {
    const outcomes = await Promise.allSettled([
      create({ task: 'films', privacy: noisy }),
      create({ task: 'books', privacy: plain }),
    ]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await names()).toHaveLength(1);
  });

  it('whose noise the coordinator adds is refused on people whose devices add it, and the other way round', async () => {
    const cohort = { target: 24, minimum: 20 };
    const noise = { noiseMultiplier: 4, delta: 1e-6, budget: 8 };
    const hidden = { cohort, privacy: { plan: 'secure', clipNorm: 5, noise } };
    const seen = { cohort, privacy: { plan: 'secure', clipNorm: 5, noise: { ...noise, placement: 'central' } } };
    await create({ task: 'films', ...hidden });
    await conflict(
      create({ task: 'books', ...seen }),
      /'films' .* is added by devices, of this one by the coordinator/,
    );
    await create({ task: 'books', ...hidden });
    await create({ task: 'songs', ...seen, population: 'visitors' });
    await conflict(create({ task: 'plays', ...hidden, population: 'visitors' }), /is added by the coordinator/);
  });

  it('that is refused leaves no ledger of its population behind', async () => {
    await create({ task: 'films', privacy: noisy });
    await conflict(create({ task: 'films', privacy: noisy, population: 'visitors' }), /exists already/);
    expect(await entries('visitors')).toEqual([]);
    expect(await names()).toEqual(['films']);
  });

  it('whose model is more than a transfer may hold is refused before anything is made of it', async () => {
    const model = { kind: 'implicit-als', dimension: 512 };
    // 2^30 bytes are 524288 items of 512 numbers.
    const catalogue = new Array<CatalogueItem>(524_289);
    await conflict(create({ model, privacy: noisy }, catalogue), /more than a transfer may hold/);
    expect(await names()).toEqual([]);
    expect(await entries('members')).toEqual([]);
  });

  it("claims in its first version what the people's other tasks have spent", async () => {
    const films = { task: 'films', privacy: noisy };
    await create(films);
    const [{ version }] = await store.versions('films');
    expect(version.epsilon).toBe(0);
    const ledger = await ledgerOf(store.ledger, identity, smallDocument(films), now);
    const subject = { task: 'films', round: 1, modelVersion: version.hash, roundHash: 'ab'.repeat(32) };
    await ledger?.charge(subject, {
      event: { mechanism: 'gaussian', noiseMultiplier: 4, sampling: { claim: 'none' }, steps: 1 },
      sensitivity: 5,
      roundedCount: 0,
      minimumCount: 2,
    });
    await create({ task: 'books', privacy: noisy });
    const [first] = await store.versions('books');
    expect(first.version.delta).toBe(1e-5);
    expect(first.version.epsilon).toBe((await ledger?.spend())?.epsilon);
    expect(first.version.epsilon).toBeGreaterThan(0.9);
  });

  it('whose secure rounds could never be run is refused with the arithmetic, and nothing is written', async () => {
    const cohort = { target: 30, minimum: 20 };
    const privacy = { plan: 'secure', clipNorm: 5, secure: { corrupt: 0.4, dropout: 0.4 } };
    await expect(create({ cohort, privacy })).rejects.toMatchObject({
      name: 'SecurePlanError',
      message: expect.stringMatching(/20 devices of which 40 % may be corrupt \(8\) and 40 % lost \(8\)/),
    });
    expect(await names()).toEqual([]);
    await create({ cohort, privacy: { plan: 'secure', clipNorm: 5 } });
    expect(await names()).toEqual(['films']);
  });
});

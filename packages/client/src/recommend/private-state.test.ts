import { systemRandom } from '@tributary/privacy';
import { describe, expect, it } from 'vitest';
import { StorageError } from '../errors/tributary-error.ts';
import { memoryStorage } from '../storage/memory-storage.ts';
import type { Storage } from '../storage/storage.ts';
import { alsModel } from './fitted-person.cases.ts';
import type { PreparedModel } from './model-cache.ts';
import { createPrivateStates } from './private-state.ts';

const model: PreparedModel = { ...alsModel(), version: { hash: 'one' } as PreparedModel['version'] };
const history = { items: Uint32Array.of(2, 4, 6) };
const fitted = model.bound.fitPrivateState(history, undefined as never).vector;
const fit = (storage: Storage, of = model, revision = 3) =>
  createPrivateStates({ storage, random: systemRandom }).fit(of, history, revision);

describe('the vector of a person', () => {
  it('is the stored one for the same version and events, and a new one for any other', async () => {
    const storage = memoryStorage();
    const vector = [1, 2, 3];
    const record = { version: 'one', interactions: 3, vector };
    await storage.writeRecord('privateVector', record);
    expect([...(await fit(storage)).vector]).toEqual(vector);
    expect((await fit(storage, model, 4)).vector).toEqual(fitted);
    await storage.writeRecord('privateVector', record);
    expect((await fit(storage, { ...model, version: { hash: 'two' } as PreparedModel['version'] })).vector).toEqual(
      fitted,
    );
    expect(await storage.readRecord('privateVector')).toMatchObject({ version: 'two', interactions: 3 });
  });

  it.each(['readRecord', 'writeRecord'] as const)('is there where the storage fails at %s', async (method) => {
    const failure = new StorageError('storage-failed', 'the disk is full');
    const storage = { ...memoryStorage(), [method]: () => Promise.reject(failure) };
    expect((await fit(storage)).vector).toEqual(fitted);
  });
});

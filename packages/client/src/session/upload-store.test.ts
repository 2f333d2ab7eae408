import { sha256 } from '@tributary/privacy';
import { describe, expect, it } from 'vitest';
import { memoryStorage } from '../storage/memory-storage.ts';
import type { Storage } from '../storage/storage.ts';
import { keepTerms, readParticipation, restoreUpload, storeUpload } from './upload-store.ts';

const bytes = Uint8Array.of(1, 2, 3);
const upload = { round: 7, roundHash: 'ab', bytes, sha256: sha256(bytes), until: 1000 };

describe('a stored upload', () => {
  it('is counted before it can be sent, whatever write a crash cuts off', async () => {
    for (const failing of ['interruptedUpload', 'blob', null]) {
      const plain = memoryStorage();
      const storage: Storage = {
        ...plain,
        writeRecord: async (name, value) => {
          if (name === failing) throw new Error('a crash');
          return plain.writeRecord(name, value);
        },
        writeBlob: async (hash, content) => {
          if (failing === 'blob') throw new Error('a crash');
          return plain.writeBlob(hash, content);
        },
      };
      const stored = storeUpload(storage, upload);
      if (failing === null) await stored;
      else await expect(stored).rejects.toThrow('a crash');
      expect(await readParticipation(plain)).toMatchObject({ lastRound: 7, uploads: 1, contributions: 0 });
      expect((await restoreUpload(plain, 0)) !== null).toBe(failing === null);
    }
  });
});

describe('the terms of a task', () => {
  it('are those of the first time', async () => {
    const storage = memoryStorage();
    const terms = { placement: 'distributed', budget: 8, delta: 1e-6, participations: 5 } as const;
    await keepTerms(storage, terms);
    await keepTerms(storage, { ...terms, budget: 80 });
    expect((await readParticipation(storage)).terms).toEqual(terms);
    const without = memoryStorage();
    await keepTerms(without, null);
    await keepTerms(without, terms);
    expect((await readParticipation(without)).terms).toBeNull();
  });
});

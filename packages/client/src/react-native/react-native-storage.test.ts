/** What only this storage has; the contract of every storage is held against it in `storage/storage.test.ts`. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryKeyValue } from './async-storage.cases.ts';
import { fromBase64, toBase64 } from './base64.ts';
import { createReactNativeStorage, deleteReactNativeStorage } from './react-native-storage.ts';

const key = Uint8Array.from({ length: 32 }, (_, i) => i);
const event = (n: number) => ({ type: 'view', itemId: `secret-item-${n}`, at: n });

describe("a storage in a React Native app's AsyncStorage", () => {
  it('is the same after a restart, and goes on in the order of the events', async () => {
    const keyValue = memoryKeyValue();
    const first = await createReactNativeStorage({ keyValue, key });
    for (let n = 0; n < 12; n++) await first.appendInteraction(event(n));
    await first.writeRecord('preferences', { paused: true });
    await first.close();
    const second = await createReactNativeStorage({ keyValue, key });
    await second.appendInteraction(event(12));
    expect((await second.listInteractions()).map(({ at }) => at)).toEqual(Array.from({ length: 13 }, (_, n) => n));
    expect(await second.readRecord('preferences')).toEqual({ paused: true });
  });

  it('writes one row for an event, however many there are', async () => {
    const keyValue = memoryKeyValue();
    const storage = await createReactNativeStorage({ keyValue, key });
    for (let n = 0; n < 500; n++) await storage.appendInteraction(event(n));
    keyValue.written.length = 0;
    await storage.appendInteraction(event(500));
    expect(keyValue.written).toHaveLength(1);
    expect(keyValue.rows.get(keyValue.written[0])?.length).toBeLessThan(300);
  });

  it('reads many events in one turn where the store can', async () => {
    const keyValue = memoryKeyValue();
    let turns = 0;
    const storage = await createReactNativeStorage({
      key,
      keyValue: {
        ...keyValue,
        getItem: (place) => {
          if (place.includes('/event/')) throw new Error('one by one');
          return keyValue.getItem(place);
        },
        async multiGet(keys) {
          turns++;
          return keys.map((each) => [each, keyValue.rows.get(each) ?? null]);
        },
      },
    });
    for (let n = 0; n < 300; n++) await storage.appendInteraction(event(n));
    expect((await storage.listInteractions()).map(({ at }) => at)).toEqual(Array.from({ length: 300 }, (_, n) => n));
    expect(turns).toBe(2);
  });

  it('keeps no word of a person, and not the same bytes twice', async () => {
    const keyValue = memoryKeyValue();
    const storage = await createReactNativeStorage({ keyValue, key });
    await storage.appendInteraction(event(1));
    await storage.appendInteraction(event(1));
    await storage.writeRecord('consent', { status: 'granted', version: 'marked-text', at: 1 });
    const values = [...keyValue.rows.values()];
    const plain = values.map((value) => Buffer.from(value.split(' ').at(-1) ?? '', 'base64').toString('latin1')).join();
    for (const word of ['secret-item', 'view', 'granted', 'marked-text']) {
      expect(plain).not.toContain(word);
      expect(values.join()).not.toContain(word);
    }
    expect(new Set(values).size).toBe(values.length);
  });

  it('does not open rows that were exchanged', async () => {
    const keyValue = memoryKeyValue();
    const storage = await createReactNativeStorage({ keyValue, key });
    await storage.appendInteraction(event(1));
    await storage.appendInteraction(event(2));
    const [first, second] = [...keyValue.rows.keys()].filter((place) => place.includes('/event/'));
    const value = keyValue.rows.get(first) ?? '';
    keyValue.rows.set(first, keyValue.rows.get(second) ?? '');
    keyValue.rows.set(second, value);
    await expect(storage.listInteractions()).rejects.toMatchObject({ code: 'storage-damaged' });
  });

  it('splits a model of several megabytes, and says when a part of it is missing or not what it was', async () => {
    const keyValue = memoryKeyValue();
    const storage = await createReactNativeStorage({ keyValue, key });
    const bytes = Uint8Array.from({ length: 3_000_001 }, (_, i) => (i * i) >> 3);
    const hash = createHash('sha256').update(bytes).digest('hex');
    await storage.writeBlob(hash, bytes);
    expect(Buffer.from((await storage.readBlob(hash)) ?? []).equals(bytes)).toBe(true);
    const part = [...keyValue.rows.keys()].find((place) => place.endsWith('/2')) ?? '';
    keyValue.rows.set(part, '***');
    await expect(storage.readBlob(hash)).rejects.toMatchObject({ code: 'storage-damaged' });
    keyValue.rows.delete(part);
    await expect(storage.readBlob(hash)).rejects.toMatchObject({ code: 'storage-damaged' });
    await storage.keepBlobs([]);
    expect([...keyValue.rows.keys()].filter((place) => place.includes('/blob/'))).toEqual([]);
  });

  it('takes a blob of which a crash has left a part for none, and clears it away', async () => {
    const keyValue = memoryKeyValue();
    const storage = await createReactNativeStorage({ keyValue, key });
    const bytes = new Uint8Array(2_000_000);
    const hash = createHash('sha256').update(bytes).digest('hex');
    await storage.writeBlob(hash, bytes);
    keyValue.rows.delete([...keyValue.rows.keys()].find((place) => place.endsWith(hash)) ?? '');
    expect(await storage.readBlob(hash)).toBeNull();
    await storage.keepBlobs(['another']);
    expect([...keyValue.rows.keys()].filter((place) => place.includes(hash))).toEqual([]);
  });

  it('leaves what others keep in the same store', async () => {
    const keyValue = memoryKeyValue();
    await keyValue.setItem('settings', 'mine');
    const one = await createReactNativeStorage({ keyValue, key, name: 'one' });
    const other = await createReactNativeStorage({ keyValue, key, name: 'one.more' });
    await one.appendInteraction(event(1));
    await other.appendInteraction(event(2));
    await one.wipe();
    expect(await other.listInteractions()).toEqual([event(2)]);
    await other.close();
    await deleteReactNativeStorage({ keyValue, name: 'one.more' });
    expect([...keyValue.rows]).toEqual([['settings', 'mine']]);
  });

  it('takes a new key once it was wiped or deleted, and no other one before', async () => {
    const keyValue = memoryKeyValue();
    const another = key.map((byte) => byte ^ 1);
    const storage = await createReactNativeStorage({ keyValue, key });
    await storage.appendInteraction(event(1));
    await storage.close();
    await expect(createReactNativeStorage({ keyValue, key: another })).rejects.toMatchObject({
      code: 'storage-damaged',
      message: expect.stringContaining('key does not open'),
    });
    const again = await createReactNativeStorage({ keyValue, key });
    await again.wipe();
    await again.close();
    expect(await (await createReactNativeStorage({ keyValue, key: another })).listInteractions()).toEqual([]);
  });

  it('is open once at a time', async () => {
    const keyValue = memoryKeyValue();
    const storage = await createReactNativeStorage({ keyValue, key });
    await expect(createReactNativeStorage({ keyValue, key })).rejects.toMatchObject({ code: 'storage-locked' });
    await expect(deleteReactNativeStorage({ keyValue })).rejects.toMatchObject({ code: 'storage-locked' });
    await storage.close();
    await (await createReactNativeStorage({ keyValue, key })).close();
  });

  it('says what the store says when it is full, and keeps what was there', async () => {
    const keyValue = memoryKeyValue();
    const storage = await createReactNativeStorage({ keyValue, key });
    await storage.appendInteraction(event(1));
    keyValue.fail(new Error('database or disk is full (code 13)'));
    await expect(storage.appendInteraction(event(2))).rejects.toMatchObject({
      code: 'storage-failed',
      message: expect.stringMatching(/disk is full.*AsyncStorage_db_size_in_MB/),
    });
    expect(await storage.listInteractions()).toEqual([event(1)]);
  });

  it('refuses a value that Android could not read again', async () => {
    const keyValue = memoryKeyValue();
    const storage = await createReactNativeStorage({ keyValue, key });
    const identities = ['a'.repeat(2_000_000)];
    await expect(storage.writeRecord('identityPins', { identities })).rejects.toMatchObject({
      code: 'storage-failed',
      message: expect.stringContaining('at most 1500000'),
    });
  });

  it('names a newer layout', async () => {
    const keyValue = memoryKeyValue();
    await keyValue.setItem('tributary/device/seal', '2 anything');
    await expect(createReactNativeStorage({ keyValue, key })).rejects.toMatchObject({ code: 'storage-newer' });
  });

  it.each([
    [{ key: new Uint8Array(16) }, /key must be a Uint8Array of 32/],
    [{ key: 'a'.repeat(32) }, /key must be a Uint8Array of 32/],
    [{ keyValue: { getItem() {} } }, /no setItem\(\)/],
    [{ keyValue: undefined }, /no getItem\(\)/],
    [{ name: 'a/b' }, /name must be/],
    [{ name: '' }, /name must be/],
  ])('refuses %j', async (wrong, message) => {
    const options = { keyValue: memoryKeyValue(), key, ...wrong } as never;
    await expect(createReactNativeStorage(options)).rejects.toMatchObject({ code: 'invalid-option', message });
  });
});

describe('bytes as base64', () => {
  it("are the platform's, and come back", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
        expect(fromBase64(toBase64(bytes))).toEqual(bytes);
      }),
    );
    const long = Uint8Array.from({ length: 50_000 }, (_, i) => i);
    expect(toBase64(long)).toBe(Buffer.from(long).toString('base64'));
  });
});

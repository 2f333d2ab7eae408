import { describe, expect, it } from 'vitest';
import { memoryStorage } from '../storage/memory-storage.ts';
import type { Storage } from '../storage/storage.ts';
import { type ConsentStatus, checkConsentOption, openConsent } from './consent.ts';

async function open(storage: Storage, initial: ConsentStatus, version = '1', plans = ['secure']) {
  const changes: ConsentStatus[] = [];
  const consent = await openConsent({ storage, initial, version, plans, onChange: (status) => changes.push(status) });
  return { consent, changes };
}

describe('consent', () => {
  it('is what the host says until the person decides', async () => {
    for (const initial of ['pending', 'granted', 'denied'] as const) {
      expect((await open(memoryStorage(), initial)).consent.status).toBe(initial);
    }
  });

  it('keeps a grant and a withdrawal across restarts', async () => {
    const storage = memoryStorage();
    await (await open(storage, 'pending')).consent.grant();
    const second = await open(storage, 'pending');
    expect(second.consent.status).toBe('granted');
    await second.consent.revoke();
    expect((await open(storage, 'pending')).consent.status).toBe('denied');
  });

  it('does not enrol a person again who has withdrawn, whatever the host passes and whatever the text', async () => {
    const storage = memoryStorage();
    await (await open(storage, 'granted')).consent.revoke();
    expect((await open(storage, 'granted')).consent.status).toBe('denied');
    expect((await open(storage, 'granted', '2')).consent.status).toBe('denied');
  });

  it('asks again when the text has a new version', async () => {
    const storage = memoryStorage();
    await (await open(storage, 'pending', '1')).consent.grant();
    const { consent } = await open(storage, 'pending', '2');
    expect(consent.status).toBe('pending');
    await consent.grant();
    expect((await open(storage, 'pending', '2')).consent.status).toBe('granted');
  });

  it('asks again before a weaker plan than the person agreed to, and not before a narrower choice of them', async () => {
    const storage = memoryStorage();
    await (await open(storage, 'pending', '1', ['secure'])).consent.grant();
    expect((await open(storage, 'pending', '1', ['sealed'])).consent.status).toBe('pending');
    const { consent } = await open(storage, 'pending', '1', ['secure', 'sealed']);
    expect(consent.status).toBe('pending');
    await consent.grant();
    expect((await open(storage, 'pending', '1', ['secure'])).consent.status).toBe('granted');
    expect((await open(storage, 'pending', '1', ['sealed'])).consent.status).toBe('granted');
  });

  it('asks again where a decision named no plan, as earlier versions stored it', async () => {
    const storage = memoryStorage();
    await storage.writeRecord('consent', { status: 'granted', version: '1', at: 1 });
    expect((await open(storage, 'pending')).consent.status).toBe('pending');
  });

  it('remembers for which text and plans the host gave a grant as an option', async () => {
    const storage = memoryStorage();
    await open(storage, 'granted', '1', ['secure']);
    await open(storage, 'granted', '2', ['secure', 'sealed']);
    expect(await storage.readRecord('consent')).toMatchObject({ version: '2', plans: ['secure', 'sealed'] });
    expect((await open(storage, 'pending', '2', ['sealed'])).consent.status).toBe('granted');
  });

  it('remembers a grant that the host gave as an option', async () => {
    const storage = memoryStorage();
    await open(storage, 'granted');
    expect(await storage.readRecord('consent')).toMatchObject({ status: 'granted', version: '1' });
  });

  it('announces a grant only once it is stored, and a withdrawal at once', async () => {
    const storage = memoryStorage();
    const { consent, changes } = await open(storage, 'pending');
    const granting = consent.grant();
    expect(changes).toEqual([]);
    await granting;
    const revoking = consent.revoke();
    expect(changes).toEqual(['granted', 'denied']);
    await revoking;
  });

  it('ends as denied when both are called in a row, in this order', async () => {
    const storage = memoryStorage();
    const { consent, changes } = await open(storage, 'pending');
    await Promise.all([consent.grant(), consent.revoke()]);
    expect(consent.status).toBe('denied');
    expect(changes).toEqual(['denied']);
    expect((await storage.readRecord('consent'))?.status).toBe('denied');
  });

  it('does not grant what cannot be stored', async () => {
    const storage = memoryStorage();
    const { consent } = await open(storage, 'pending');
    await storage.close();
    await expect(consent.grant()).rejects.toMatchObject({ code: 'storage-failed' });
    expect(consent.status).toBe('pending');
  });

  it('refuses an unknown option', () => {
    expect(() => checkConsentOption('yes')).toThrow(/'pending', 'granted' or 'denied'/);
  });
});

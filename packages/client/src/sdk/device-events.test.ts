import { describe, expect, it } from 'vitest';
import type { TributaryEventName } from './events.ts';
import { createTributary } from './tributary.ts';

async function watched(...names: readonly TributaryEventName[]) {
  const tributary = await createTributary({ url: 'http://127.0.0.1:9', task: 'films', autoStart: false });
  const told: unknown[] = [];
  for (const name of names) tributary.on(name, (event) => told.push(event));
  return { tributary, told };
}

describe('a device tells', () => {
  it('of each change of the decision, also while it is not started, and of nothing when it stays', async () => {
    const { tributary, told } = await watched('consent', 'state');
    await tributary.consent.grant();
    await tributary.consent.grant();
    await tributary.consent.revoke();
    await tributary.consent.revoke();
    await tributary.consent.grant();
    expect(told).toEqual([{ status: 'granted' }, { status: 'denied' }, { status: 'granted' }]);
    await tributary.stop();
  });

  it('how many events it keeps, and never which', async () => {
    const { tributary, told } = await watched('history');
    await tributary.track({ type: 'view', itemId: 'film-1' });
    await tributary.track({ type: 'view', itemId: 'film-1' });
    await expect(tributary.track({ type: '', itemId: 'film-1' })).rejects.toThrow();
    expect((await tributary.summary()).events).toBe(2);
    await tributary.forget();
    expect(told).toEqual([{ events: 1 }, { events: 2 }, { events: 0 }]);
    expect(await tributary.summary()).toEqual({ events: 0, version: null, rounds: 0, spent: null });
    await tributary.stop();
    await expect(tributary.summary()).rejects.toMatchObject({ code: 'stopped' });
  });
});

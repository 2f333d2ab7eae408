import { describe, expect, it } from 'vitest';
import { createTributary, type Tributary } from '../sdk/tributary.ts';
import { memoryStorage } from '../storage/memory-storage.ts';
import type { Storage } from '../storage/storage.ts';
import { createInstanceHolder } from './instance-holder.ts';

/** Like a folder: it lasts, and is opened by one at a time. */
function lockable(): () => Storage {
  const kept = memoryStorage();
  let locked = false;
  return () => {
    if (locked) throw new Error('two instances on one storage');
    locked = true;
    return {
      ...kept,
      async close() {
        await turns(3);
        locked = false;
      },
    };
  };
}

function counted() {
  const made: Tributary[] = [];
  const openStorage = lockable();
  const holder = createInstanceHolder(async () => {
    const tributary = await createTributary({ url: 'http://127.0.0.1:9', task: 'films', storage: openStorage() });
    made.push(tributary);
    return tributary;
  });
  return { made, holder };
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setTimeout(resolve, 0));
}

const nothing = () => {};

describe('a holder', () => {
  it('makes one instance for all who hold it, and stops it after the last one has let go', async () => {
    const { made, holder } = counted();
    expect(holder.instance().status).toBe('loading');
    const first = holder.hold(nothing);
    const second = holder.hold(nothing);
    const tributary = await holder.ready();
    expect(holder.instance()).toMatchObject({ status: 'ready', client: tributary });
    first();
    await turns(5);
    expect(tributary.state).not.toBe('stopped');
    second();
    await tributary.finished;
    expect(made).toEqual([tributary]);
    expect(holder.instance().status).toBe('loading');
  });

  it.each([0, 1, 2, 3, 4, 5, 6])(
    'never has two instances on one storage, let go and taken hold of again %i turns later',
    async (between) => {
      const { made, holder } = counted();
      const letGo = holder.hold(nothing);
      if (between > 2) await holder.ready();
      letGo();
      await turns(between);
      const release = holder.hold(nothing);
      const current = await holder.ready();
      expect(current.state).not.toBe('stopped');
      expect(made.filter(({ state }) => state !== 'stopped')).toEqual([current]);
      release();
      await current.finished;
      expect(made.every(({ state }) => state === 'stopped')).toBe(true);
    },
  );

  it('keeps its instance when it is let go and taken hold of in one turn, as strict mode does', async () => {
    const { made, holder } = counted();
    holder.hold(nothing)();
    const release = holder.hold(nothing);
    await holder.ready();
    release();
    const again = holder.hold(nothing);
    await turns(5);
    expect(made).toHaveLength(1);
    expect(made[0].state).not.toBe('stopped');
    again();
    await made[0].finished;
  });

  it('stops an instance that was let go before it was made, once it has done what waited for it', async () => {
    const { made, holder } = counted();
    const release = holder.hold(nothing);
    const tracked = holder.ready().then((tributary) => tributary.track({ type: 'view', itemId: 'film-1' }));
    release();
    await tracked;
    expect(made).toHaveLength(1);
    expect(await made[0].finished).toEqual({ outcome: 'stopped' });
    await expect(holder.ready()).rejects.toMatchObject({ code: 'stopped' });
  });

  it('tells why there is no instance, and tries anew when it is held anew', async () => {
    let reason: Error | null = new Error('the disk is full');
    const holder = createInstanceHolder(async () => {
      if (reason !== null) throw reason;
      return createTributary({ url: 'http://127.0.0.1:9', task: 'films' });
    });
    let changes = 0;
    const release = holder.hold(() => changes++);
    await expect(holder.ready()).rejects.toBe(reason);
    expect(holder.instance()).toMatchObject({ status: 'error', error: reason });
    expect(changes).toBe(1);
    release();
    await turns(3);
    reason = null;
    const again = holder.hold(nothing);
    const tributary = await holder.ready();
    again();
    await tributary.finished;
  });

  it('refuses those who wait when nobody holds it', async () => {
    const { made, holder } = counted();
    await expect(holder.ready()).rejects.toMatchObject({ code: 'stopped' });
    expect(made).toEqual([]);
  });
});

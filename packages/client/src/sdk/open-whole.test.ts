import 'fake-indexeddb/auto';
import { systemRandom } from '@tributary/privacy';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { indexedDbStorage } from '../storage/indexed-db/indexed-db-storage.ts';
import { memoryStorage } from '../storage/memory-storage.ts';
import { createTributary } from './index.ts';
import { openWhole } from './open-whole.ts';
import type { TributaryOptions } from './options.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe('several things that are opened as one', () => {
  it('are closed, last first, where a later one fails, and the failure is that of the later one', async () => {
    const closed: string[] = [];
    const reason = new Error('the third does not open');
    const opening = openWhole(async (opened) => {
      opened(async () => {
        await Promise.resolve();
        closed.push('first');
      });
      opened(() => {
        closed.push('second');
        throw new Error('it does not close either');
      });
      throw reason;
    });
    await expect(opening).rejects.toBe(reason);
    expect(closed).toEqual(['second', 'first']);
  });

  it('stay open where none fails', async () => {
    const close = vi.fn();
    expect(await openWhole(async (opened) => opened(close) ?? 'made')).toBe('made');
    expect(close).not.toHaveBeenCalled();
  });
});

/** What of a browser an instance holds open. */
function browser() {
  const open = new Set<string>();
  const { close } = IDBDatabase.prototype;
  const { open: openDatabase } = IDBFactory.prototype;
  vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(function (this: IDBFactory, name, version) {
    open.add(`database ${name}`);
    return openDatabase.call(this, name, version);
  });
  vi.spyOn(IDBDatabase.prototype, 'close').mockImplementation(function (this: IDBDatabase) {
    open.delete(`database ${this.name}`);
    return close.call(this);
  });
  class Channel {
    readonly #name: string;
    constructor(name: string) {
      this.#name = name;
      open.add(`channel ${name}`);
    }
    postMessage() {}
    close() {
      open.delete(`channel ${this.#name}`);
    }
  }
  vi.stubGlobal('BroadcastChannel', Channel);
  const locks = {
    async request(name: string, work: () => Promise<unknown>) {
      open.add(`lock ${name}`);
      return work().finally(() => open.delete(`lock ${name}`));
    },
  };
  vi.stubGlobal('navigator', { locks });
  return open;
}

const random = systemRandom;
const options: TributaryOptions = { url: 'http://127.0.0.1:9', task: 'films', autoStart: false };
const reason = new Error('as a test has it');
const fail = () => {
  throw reason;
};
/** Fails where the conditions are opened, the last thing that is. */
const blind = { document: { visibilityState: 'visible', addEventListener: fail, removeEventListener() {} } };

describe('an instance that cannot be made', () => {
  it.each([
    ['has no identity', { random: { bytes: fail } }],
    ['cannot see its conditions', { surroundings: blind }],
  ])('leaves nothing open that it has opened, where it %s', async (name, failing) => {
    const task = `films-${name.replaceAll(' ', '-')}`;
    const open = browser();
    await expect(createTributary({ ...options, task, ...failing })).rejects.toBe(reason);
    expect([...open]).toEqual([]);
    const tributary = await createTributary({ ...options, task });
    expect([...open]).toEqual([`database tributary-${task}`, `channel tributary-${task}`]);
    await tributary.stop();
    expect([...open]).toEqual([]);
  });

  it('leaves the storage that it was passed open, for another try', async () => {
    const storage = memoryStorage();
    const close = vi.spyOn(storage, 'close');
    await expect(createTributary({ ...options, storage, random: { bytes: fail } })).rejects.toBe(reason);
    expect(close).not.toHaveBeenCalled();
    const tributary = await createTributary({ ...options, storage, random });
    await tributary.stop();
    expect(close).toHaveBeenCalledOnce();
  });

  it('leaves no database open that has no key', async () => {
    const open = browser();
    vi.spyOn(crypto.subtle, 'generateKey').mockRejectedValueOnce(reason);
    await expect(indexedDbStorage({ name: 'keyless' })).rejects.toBe(reason);
    expect([...open]).toEqual([]);
  });
});

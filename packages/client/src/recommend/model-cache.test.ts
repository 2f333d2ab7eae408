import { describe, expect, it } from 'vitest';
import { createKeyedCache } from './model-cache.ts';

describe('createKeyedCache', () => {
  it('makes a value once for all who ask', async () => {
    const cache = createKeyedCache<number>(2);
    let made = 0;
    const make = async () => ++made;
    expect(await Promise.all([cache.get('a', make), cache.get('a', make), cache.get('a', make)])).toEqual([1, 1, 1]);
  });

  it('keeps the most recently used values, and no more', async () => {
    const cache = createKeyedCache<string>(2);
    const made: string[] = [];
    const get = (key: string) =>
      cache.get(key, async () => {
        made.push(key);
        return key;
      });
    for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await get(key);
    expect(made).toEqual(['a', 'b', 'c', 'b']);
  });

  it('does not keep a failure: whoever waited makes its own', async () => {
    const cache = createKeyedCache<string>(2);
    const failing = cache.get('a', () => Promise.reject(new Error('lost')));
    const waiting = cache.get('a', async () => 'mine');
    const late = cache.get('a', async () => 'mine too');
    await expect(failing).rejects.toThrow('lost');
    expect(await waiting).toBe('mine');
    expect(await late).toBe('mine');
  });
});

import { expect, test } from 'vitest';
import { encodeOnce, encodingKey, memoryEncodings, type TextEncoding } from './encode-once.ts';

/** Counts what it is asked for; a text's vector is its length and its first character's code. */
function counting(hash = 'a', adapterHash: string | null = null) {
  const asked: string[] = [];
  const encoder: TextEncoding = {
    hash,
    adapterHash,
    width: 2,
    encode: async (texts) => {
      asked.push(...texts);
      return Float32Array.from(texts.flatMap((text) => [text.length, text.charCodeAt(0) || 0]));
    },
  };
  return { encoder, asked };
}

test('vectors come in the order of the texts, whatever the batches', async () => {
  const { encoder } = counting();
  const { values } = await encodeOnce(['long one', 'b', 'longer one', ''], encoder, memoryEncodings(), {
    batchSize: 2,
  });
  expect([...values]).toEqual([8, 108, 1, 98, 10, 108, 0, 0]);
});

test('no text is computed twice: neither a repeated one, nor one of an earlier call', async () => {
  const { encoder, asked } = counting();
  const cache = memoryEncodings();
  expect((await encodeOnce(['x', 'y', 'x'], encoder, cache)).computed).toBe(2);
  const second = await encodeOnce(['y', 'z', 'x'], encoder, cache);
  expect(second.computed).toBe(1);
  expect(asked.sort()).toEqual(['x', 'y', 'z']);
  expect([...second.values]).toEqual([1, 121, 1, 122, 1, 120]);
});

test('another encoder or another adapter does not get what one left', async () => {
  const cache = memoryEncodings();
  await encodeOnce(['x'], counting('a').encoder, cache);
  for (const [hash, adapter] of [
    ['b', null],
    ['a', 'c'],
  ] as const) {
    expect((await encodeOnce(['x'], counting(hash, adapter).encoder, cache)).computed).toBe(1);
  }
  expect(encodingKey({ hash: 'a', adapterHash: null }, 'bc')).not.toBe(
    encodingKey({ hash: 'ab', adapterHash: null }, 'c'),
  );
});

test('an abort stops between batches, and what was computed until then is kept', async () => {
  const { encoder, asked } = counting();
  const cache = memoryEncodings();
  const controller = new AbortController();
  const stopped = encodeOnce(['a', 'bb', 'ccc'], encoder, cache, {
    batchSize: 1,
    signal: controller.signal,
    onProgress: () => controller.abort(new Error('enough')),
  });
  await expect(stopped).rejects.toThrow('enough');
  expect(asked).toEqual(['a']);
  expect((await encodeOnce(['a'], encoder, cache)).computed).toBe(0);
});

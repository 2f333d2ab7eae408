import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunkBytes, maximumTransferBytes } from '../messages/messages.ts';
import { download, emptyDownload } from './download.ts';
import { createUploadReceiver, uploadChunks } from './upload.ts';

const digest = (bytes: Uint8Array) => Uint8Array.from(createHash('sha256').update(bytes).digest());
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const payloadOf = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 0xff);

describe('an upload', () => {
  it('survives lost connections, lost acknowledgements and repeated chunks', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 * chunkBytes }),
        fc.array(fc.constantFrom('send', 'repeat', 'reconnect'), { maxLength: 30 }),
        (length, script) => {
          const payload = payloadOf(length);
          const receiver = createUploadReceiver({ bytes: length, sha256: digest(payload) });
          let chunks = uploadChunks(payload, receiver.received);
          let last: { offset: number; bytes: Uint8Array } | null = null;
          for (const step of [...script, ...new Array(8).fill('send')]) {
            if (step === 'reconnect') chunks = uploadChunks(payload, receiver.received);
            else if (step === 'repeat' && last)
              expect(receiver.receive(last.offset, last.bytes)).toBe(receiver.received);
            else {
              const next = chunks.next();
              if (next.done) break;
              last = next.value;
              receiver.receive(last.offset, last.bytes);
            }
          }
          expect(Buffer.compare(receiver.finish(), payload)).toBe(0);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('comes to the right bytes or to a refusal, in whatever order and however often its chunks come', () => {
    const chunk = fc.record({ at: fc.nat(7), length: fc.integer({ min: 1, max: 3 }) });
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 60 }), (chunks) => {
        const payload = payloadOf(8);
        const receiver = createUploadReceiver({ bytes: 8, sha256: digest(payload) });
        for (const { at, length } of chunks) {
          const bytes = payload.subarray(at, at + length);
          const before = receiver.received;
          const known = at + bytes.length <= before;
          if (known || at === before) {
            expect(receiver.receive(at, bytes)).toBe(known ? before : before + bytes.length);
          } else {
            expect(() => receiver.receive(at, bytes)).toThrowError(expect.objectContaining({ code: 'wrong-length' }));
            expect(receiver.received).toBe(before);
          }
        }
        for (const { offset, bytes } of uploadChunks(payload, receiver.received)) receiver.receive(offset, bytes);
        expect(receiver.finish()).toEqual(payload);
      }),
      { numRuns: 200 },
    );
  });

  it('is received into memory that is used again, and hashed whatever was there before', () => {
    const memory = new Uint8Array(1000).fill(7);
    for (const fill of [1, 2]) {
      const payload = new Uint8Array(1000).fill(fill);
      const receiver = createUploadReceiver({ bytes: 1000, sha256: digest(payload) }, memory);
      receiver.receive(0, payload);
      expect(receiver.finish()).toBe(memory);
      expect(memory).toEqual(payload);
    }
  });

  it('refuses gaps, overlaps, empty chunks, more than announced, and an early end', () => {
    const payload = payloadOf(1000);
    const receiver = createUploadReceiver({ bytes: 1000, sha256: digest(payload) });
    receiver.receive(0, payload.subarray(0, 400));
    for (const [offset, end] of [
      [500, 600],
      [300, 500],
      [400, 400],
    ] as const) {
      expect(() => receiver.receive(offset, payload.subarray(offset, end))).toThrowError(
        expect.objectContaining({ code: 'wrong-length' }),
      );
    }
    expect(() => receiver.receive(400, new Uint8Array(601))).toThrowError(
      expect.objectContaining({ code: 'wrong-length' }),
    );
    expect(() => receiver.finish()).toThrowError(expect.objectContaining({ code: 'wrong-length' }));
    expect(receiver.received).toBe(400);
  });

  it('refuses bytes that do not hash to what was announced', () => {
    const payload = payloadOf(10);
    const receiver = createUploadReceiver({ bytes: 10, sha256: digest(payload) });
    receiver.receive(0, payloadOf(10).fill(0));
    expect(() => receiver.finish()).toThrowError(expect.objectContaining({ code: 'hash-mismatch' }));
  });

  it('is refused before any memory is taken for it when it is announced too large', () => {
    expect(() => createUploadReceiver({ bytes: maximumTransferBytes + 1, sha256: new Uint8Array(32) })).toThrowError(
      expect.objectContaining({ code: 'too-large' }),
    );
    expect(() => createUploadReceiver({ bytes: 0, sha256: new Uint8Array(32) })).toThrow();
  });
});

describe('a download', () => {
  const payload = payloadOf(3 * chunkBytes + 17);
  const serve = (offset: number) => ({
    total: payload.length,
    offset,
    bytes: payload.subarray(offset, offset + chunkBytes),
  });

  it('goes on where a lost connection broke off', async () => {
    const partial = emptyDownload();
    const asked: number[] = [];
    const attempt = (failAt: number) =>
      download({
        hash: hex(digest(payload)),
        partial,
        request: async (offset) => {
          asked.push(offset);
          if (offset === failAt) throw new Error('connection lost');
          return serve(offset);
        },
      });
    await expect(attempt(2 * chunkBytes)).rejects.toThrow('connection lost');
    expect(Buffer.compare(await attempt(-1), payload)).toBe(0);
    expect(asked).toEqual([0, chunkBytes, 2 * chunkBytes, 2 * chunkBytes, 3 * chunkBytes]);
  });

  it('comes through any connection that is lost now and then, without asking twice for what arrived', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 * chunkBytes }),
        fc.array(fc.boolean(), { maxLength: 20 }),
        fc.array(fc.integer({ min: 1, max: chunkBytes }), { minLength: 1, maxLength: 5 }),
        async (length, losses, sizes) => {
          const whole = payloadOf(length);
          const partial = emptyDownload();
          let requests = 0;
          let served = 0;
          const request = async (offset: number) => {
            const size = sizes[requests % sizes.length];
            if (losses[requests++]) throw new Error('connection lost');
            const bytes = whole.subarray(offset, offset + Math.max(size, Math.ceil(length / 20)));
            served += bytes.length;
            return { total: length, offset, bytes };
          };
          for (;;) {
            try {
              expect(Buffer.compare(await download({ hash: hex(digest(whole)), partial, request }), whole)).toBe(0);
              break;
            } catch (error) {
              if (!(error instanceof Error && error.message === 'connection lost')) throw error;
            }
          }
          expect(served).toBe(length);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('stops when it is told to, and keeps what it has', async () => {
    const stop = new AbortController();
    const partial = emptyDownload();
    const request = async (offset: number) => {
      if (offset > 0) stop.abort();
      return serve(offset);
    };
    await expect(download({ hash: hex(digest(payload)), partial, request, signal: stop.signal })).rejects.toMatchObject(
      { name: 'AbortError' },
    );
    expect(partial.received).toBe(2 * chunkBytes);
  });

  it.each([
    ['another offset', (offset: number) => ({ ...serve(offset), offset: offset + 1 }), 'wrong-length'],
    [
      'a total that changes',
      (offset: number) => ({ ...serve(offset), total: payload.length + offset }),
      'wrong-length',
    ],
    ['nothing', (offset: number) => ({ ...serve(offset), bytes: new Uint8Array(0) }), 'wrong-length'],
    ['more than the total', (offset: number) => ({ ...serve(offset), total: 10 }), 'wrong-length'],
    ['too much', (offset: number) => ({ ...serve(offset), total: maximumTransferBytes + 1 }), 'too-large'],
    [
      'other bytes',
      (offset: number) => ({ ...serve(offset), bytes: serve(offset).bytes.slice().fill(1) }),
      'hash-mismatch',
    ],
  ])('is refused when the other side sends %s', async (_name, answer, code) => {
    await expect(
      download({ hash: hex(digest(payload)), request: async (offset) => answer(offset) }),
    ).rejects.toMatchObject({ code });
  });
});

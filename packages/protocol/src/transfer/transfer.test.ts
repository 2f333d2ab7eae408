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

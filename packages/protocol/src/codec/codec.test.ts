import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import { arbitraryAnswers, arbitraryContents } from '../messages/arbitrary.cases.ts';
import { largestAnswers, largestContents } from '../messages/largest.cases.ts';
import { chunkBytes, type MessageName, messages, type RequestName } from '../messages/messages.ts';
import { RefusalError } from '../messages/refusal.ts';
import { decode, decodeReply, encode, encodeReply } from './codec.ts';

const names = Object.keys(messages) as MessageName[];
const requests = names.filter((name): name is RequestName => messages[name].kind === 'request');
const pack = (value: unknown) => Uint8Array.from(new Packr({ useRecords: false }).pack(value));

function refusalOf(work: () => unknown): RefusalError {
  try {
    work();
  } catch (error) {
    if (error instanceof RefusalError) return error;
    throw error;
  }
  throw new Error('expected a refusal');
}

describe('every message of the table', () => {
  it.each(names)('%s comes back as it was sent', (name) => {
    fc.assert(
      fc.property(arbitraryContents[name] as fc.Arbitrary<unknown>, (content) => {
        expect(decode(name, encode(name, content as never))).toStrictEqual(content);
      }),
      { numRuns: 25 },
    );
  });

  it.each(requests)('the answer of %s comes back as it was sent', (name) => {
    fc.assert(
      fc.property(arbitraryAnswers[name] as fc.Arbitrary<unknown>, (value) => {
        expect(decodeReply(name, encodeReply(name, { ok: true, value: value as never }))).toStrictEqual(value);
      }),
      { numRuns: 25 },
    );
  });

  it.each(names)('%s fits its bound at its largest', (name) => {
    const bytes = encode(name, largestContents[name] as never);
    expect(bytes.length).toBeLessThanOrEqual(messages[name].bound);
    decode(name, bytes);
  });

  it.each(requests)('the reply of %s fits its bound at its largest', (name) => {
    const bytes = encodeReply(name, { ok: true, value: largestAnswers[name] as never });
    expect(bytes.length).toBeLessThanOrEqual(messages[name].replyBound);
    decodeReply(name, bytes);
  });

  it.each(names)('%s is refused, never a crash, when it is rubbish, cut, too long or of another shape', (name) => {
    const whole = encode(name, largestContents[name] as never);
    const rubbish = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.nat(Math.max(0, Math.min(whole.length - 1, 400))).map((length) => whole.slice(0, length)),
      fc.tuple(fc.nat(Math.min(whole.length - 1, 400)), fc.nat(255)).map(([at, value]) => withByte(whole, at, value)),
      fc.anything({ withBigInt: false, withDate: false }).map((value) => pack(safely(value))),
      fc.constantFrom<unknown>(null, undefined, 'text', 42, {}, [1, 2]),
    );
    fc.assert(
      fc.property(rubbish, (bytes) => {
        let content: unknown;
        try {
          content = decode(name, bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(RefusalError);
          return;
        }
        // Only what follows the schema comes through, e.g. {} where nothing is expected.
        expect(messages[name].content.safeParse(content).success).toBe(true);
      }),
      { numRuns: 80 },
    );
    expect(refusalOf(() => decode(name, new Uint8Array(messages[name].bound + 1))).code).toBe('too-large');
  });

  it.each(names)('%s with a field too many, or one of another type, is refused', (name) => {
    const content = largestContents[name] as Record<string, unknown>;
    const { code } = refusalOf(() => decode(name, pack({ ...content, surplus: 1 })));
    expect(['malformed', 'too-large']).toContain(code);
    for (const key of Object.keys(content)) {
      for (const wrong of [{ not: 'a value' }, true]) {
        expect(refusalOf(() => decode(name, pack({ ...content, [key]: wrong }))).message).toContain(key);
      }
      const { [key]: _left, ...rest } = content;
      expect(refusalOf(() => decode(name, pack(rest))).code).toBe('malformed');
    }
  });
});

describe('decoded bytes', () => {
  it('are plain Uint8Arrays; those of short messages do not hold on to the buffer that they came in', () => {
    const socketBuffer = Buffer.alloc(65_536);
    const message = encode('uploadOpen', { round: 1, bytes: 2, sha256: new Uint8Array(32).fill(9), statement: null });
    socketBuffer.set(message, 100);
    const { sha256 } = decode('uploadOpen', socketBuffer.subarray(100, 100 + message.length));
    expect(Object.getPrototypeOf(sha256)).toBe(Uint8Array.prototype);
    expect(sha256.buffer.byteLength).toBeLessThan(1000);
    socketBuffer.fill(0);
    expect(sha256).toEqual(new Uint8Array(32).fill(9));
  });

  it('of a chunk are a view: nothing is copied', () => {
    const message = encode('uploadChunk', { round: 1, offset: 0, bytes: new Uint8Array(chunkBytes) });
    const { bytes } = decode('uploadChunk', message);
    expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype);
    expect(bytes.buffer).toBe(message.buffer);
  });

  it('stay what they were when later messages are encoded', () => {
    const first = encode('uploadClose', { round: 7 });
    for (let i = 0; i < 2000; i++) encode('uploadClose', { round: i });
    expect(decode('uploadClose', first)).toEqual({ round: 7 });
  });
});

describe('hostile encodings', () => {
  const utf8 = (text: string) => [0xa0 | text.length, ...new TextEncoder().encode(text)];
  const round = utf8('round');

  it.each<[string, MessageName, number[]]>([
    ['arrays nested without end', 'uploadChunk', new Array(200_000).fill(0x91)],
    ['maps nested without end', 'uploadChunk', new Array(60_000).fill([0x81, 0xa1, 0x61]).flat()],
    ['an array longer than memory', 'join', [0xdd, 0xff, 0xff, 0xff, 0xff]],
    ['arrays that each claim a hundred megabytes', 'join', new Array(10).fill([0xdd, 0x01, 0xff, 0xff, 0xff]).flat()],
    ['a map longer than memory', 'join', [0xdf, 0xff, 0xff, 0xff, 0xff]],
    ['bytes longer than memory', 'join', [0xc6, 0xff, 0xff, 0xff, 0xff]],
    ['text longer than memory', 'join', [0xdb, 0xff, 0xff, 0xff, 0xff]],
    ['one key twice', 'uploadClose', [0x82, ...round, 1, ...round, 1]],
    ['one key twice, written in two ways', 'uploadClose', [0x82, ...round, 1, 0xd9, 5, ...round.slice(1), 1]],
    ['a key that is no text', 'uploadClose', [0x81, 1, 1]],
    ['the prototype as a key', 'uploadClose', [0x82, ...round, 1, ...utf8('__proto__'), 0x81, ...utf8('x'), 1]],
    ['the constructor as a key', 'uploadClose', [0x82, ...round, 1, ...utf8('constructor'), 0x80]],
    ['an extension of the decoder', 'join', [0xd4, 0x72, 0x40]],
    ['an extension of an error', 'join', [0xc7, 3, 0x65, 0x93, 0xc0, 0xc0, 0xc0]],
    ['a time stamp', 'uploadClose', [0x81, ...round, 0xd6, 0xff, 0, 0, 0, 1]],
    ['the reserved byte', 'uploadClose', [0x81, ...round, 0xc1]],
    ['a second value behind the first', 'uploadClose', [0x81, ...round, 1, 0xc0]],
    ['an integer past the safe range', 'uploadClose', [0x81, ...round, 0xcf, 0, 0x20, 0, 0, 0, 0, 0, 1]],
    ['NaN', 'uploadClose', [0x81, ...round, 0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0]],
    ['infinity', 'uploadClose', [0x81, ...round, 0xcb, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0]],
    ['a fraction where a count is due', 'uploadClose', [0x81, ...round, 0xca, 0x3f, 0, 0, 0]],
  ])('%s: refused', (_what, name, bytes) => {
    expect(refusalOf(() => decode(name, Uint8Array.from(bytes))).code).toBe('malformed');
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('cannot put a typed array of the decoder where bytes are due', () => {
    const typed = [0xc7, 33, 0x74, 1, ...new Array(32).fill(1)];
    const fields = [...round, 1, ...utf8('bytes'), 2, ...utf8('sha256')];
    const statement = [...utf8('statement'), 0xc0];
    const { message } = refusalOf(() =>
      decode('uploadOpen', Uint8Array.from([0x84, ...statement, ...fields, ...typed])),
    );
    expect(message).toContain('extension');
    expect(
      decode('uploadOpen', Uint8Array.from([0x84, ...statement, ...fields, 0xc4, 32, ...new Array(32).fill(1)])).round,
    ).toBe(1);
  });

  it('never repeat the value in the refusal', () => {
    const secret = 'a-secret-that-must-not-show';
    const { message } = refusalOf(() => decode('decline', pack({ round: secret, reason: secret })));
    expect(message).not.toContain(secret);
    expect(message).toContain('round');
    const cut = pack({ round: secret, reason: secret });
    expect(refusalOf(() => decode('decline', Uint8Array.from([...cut, 1]))).message).not.toContain(secret);
  });
});

describe('a refusal', () => {
  it('comes back as the exception that it was', () => {
    const bytes = encodeReply('join', {
      ok: false,
      refusal: { code: 'busy', message: 'later', retryAfterMilliseconds: 7 },
    });
    const refusal = refusalOf(() => decodeReply('join', bytes));
    expect(refusal).toMatchObject({ code: 'busy', message: 'later', retryAfterMilliseconds: 7 });
  });

  it('arrives however long its reason is', () => {
    const bytes = encodeReply('join', { ok: false, refusal: { code: 'internal', message: '€'.repeat(5000) } });
    const { code, message } = refusalOf(() => decodeReply('join', bytes));
    expect([code, message.length]).toEqual(['internal', 500]);
  });

  it.each([
    ['no map', [0x90]],
    ['neither yes nor no', pack({ ok: 1, value: {} })],
    ['a no without a refusal', pack({ ok: false })],
    ['a refusal of an unknown kind', pack({ ok: false, refusal: { code: 'because', message: '' } })],
  ])('is itself checked: %s', (_what, bytes) => {
    expect(refusalOf(() => decodeReply('leave', Uint8Array.from(bytes))).code).toBe('malformed');
  });
});

function withByte(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const changed = bytes.slice();
  changed[at] = value;
  return changed;
}

function safely(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value) ?? 'null');
  } catch {
    return null;
  }
}

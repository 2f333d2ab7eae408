import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import { largestAnswers, largestContents } from '../messages/largest.cases.ts';
import { type MessageName, messages, type RequestName } from '../messages/messages.ts';
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
  it.each(names)('%s comes back as it was sent, and the largest fits its bound', (name) => {
    const content = largestContents[name];
    const bytes = encode(name, content as never);
    expect(bytes.length).toBeLessThanOrEqual(messages[name].bound);
    expect(plain(decode(name, bytes))).toEqual(plain(content));
  });

  it.each(requests)('the reply of %s too', (name) => {
    const answer = largestAnswers[name];
    const bytes = encodeReply(name, { ok: true, value: answer as never });
    expect(bytes.length).toBeLessThanOrEqual(messages[name].replyBound);
    expect(plain(decodeReply(name, bytes))).toEqual(plain(answer));
  });

  it.each(names)('%s is refused, never a crash, when it is rubbish, cut, too long or of another shape', (name) => {
    const whole = encode(name, largestContents[name] as never);
    const rubbish = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.nat(Math.max(0, Math.min(whole.length - 1, 400))).map((length) => whole.slice(0, length)),
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
      { numRuns: 60 },
    );
    expect(refusalOf(() => decode(name, new Uint8Array(messages[name].bound + 1))).code).toBe('too-large');
  });

  it.each(names)('%s with a field too many is refused', (name) => {
    const extra = { ...(largestContents[name] as object), surplus: 1 };
    const { code } = refusalOf(() => decode(name, pack(extra)));
    expect(['malformed', 'too-large']).toContain(code);
  });
});

describe('hostile encodings', () => {
  it('cannot reach a prototype, nest without end, or bring a type of their own', () => {
    const nested = Uint8Array.from([...new Array(50).fill(0x91), 0xc0]);
    const deep = Uint8Array.from([...new Array(60).fill([0x81, 0xa1, 0x61]).flat(), 0xc0]);
    const prototype = Uint8Array.from([0x81, 0xa9, ...new TextEncoder().encode('__proto__'), 0x81, 0xa1, 0x78, 0x01]);
    const extension = Uint8Array.from([0xd4, 0x72, 0x40]);
    const hugeLength = Uint8Array.from([0xc6, 0xff, 0xff, 0xff, 0xff]);
    const hugeMap = Uint8Array.from([0xdf, 0xff, 0xff, 0xff, 0xff]);
    for (const bytes of [nested, deep, prototype, extension, hugeLength, hugeMap]) {
      expect(refusalOf(() => decode('join', bytes)).code).toMatch(/malformed|too-large/);
    }
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('never repeat the value in the refusal', () => {
    const secret = 'a-secret-that-must-not-show';
    const { message } = refusalOf(() => decode('decline', pack({ round: secret, reason: secret })));
    expect(message).not.toContain(secret);
    expect(message).toContain('round');
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
});

/** Buffers and Uint8Arrays alike. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, v) => (v?.type === 'Buffer' ? v.data : v instanceof Uint8Array ? [...v] : v)),
  );
}

function safely(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value) ?? 'null');
  } catch {
    return null;
  }
}

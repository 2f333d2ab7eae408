/**
 * Bytes of a message and back. Decoding is the boundary: length first, then the structure, then msgpack, then the strict schema
 * of the table; past it, types are trusted.
 */
import { Packr, Unpackr } from 'msgpackr';
import {
  type Answer,
  type Content,
  type MessageName,
  messages,
  type Reply,
  type RequestName,
} from '../messages/messages.ts';
import { type Refusal, RefusalError, refusalMessageLength, refusalSchema } from '../messages/refusal.ts';
import { msgpackProblem } from './well-formed.ts';

const options = { useRecords: false, mapsAsObjects: true, variableMapSize: true, int64AsType: 'number' } as const;
/** Hands out views of a pool whose used parts it never writes again (it would under its `useBuffer` mode). */
const packr = new Packr(options);
const unpackr = new Unpackr(options);

/** Room that a refusal may take in any reply. */
const refusalBound = 2048;
/**
 * Messages up to this length are copied before they are decoded: their byte fields are views, and what is kept of a short
 * message must not hold on to the socket's whole buffer.
 */
const copiedLength = 16_384;

/** @throws RefusalError 'too-large' when the encoding passes the message's bound. */
export function encode<N extends MessageName>(name: N, content: Content<N>): Uint8Array {
  return within(name, messages[name].bound, packr.pack(content));
}

/**
 * The content, its byte fields as plain Uint8Array: views of `bytes` where the message is a chunk, else copies.
 * @throws RefusalError 'too-large', 'malformed'
 */
export function decode<N extends MessageName>(name: N, bytes: unknown): Content<N> {
  const row = messages[name];
  const value = unpack(name, row.bound, bytes);
  const result = row.content.safeParse(value);
  if (!result.success) throw malformed(name, result.error.issues);
  return result.data as Content<N>;
}

export function encodeReply<N extends RequestName>(name: N, reply: Reply<N>): Uint8Array {
  const bound = Math.max(messages[name].replyBound, refusalBound);
  return within(name, bound, packr.pack(reply.ok ? reply : { ok: false, refusal: shortened(reply.refusal) }));
}

/** The answer of a request. @throws RefusalError the refusal that the reply carries, or 'too-large', 'malformed' */
export function decodeReply<N extends RequestName>(name: N, bytes: unknown): Answer<N> {
  const row = messages[name];
  const value = unpack(name, Math.max(row.replyBound, refusalBound), bytes);
  if (!isPlainObject(value)) throw malformed(name, []);
  if (value['ok'] === true) {
    const result = row.reply.safeParse(value['value']);
    if (!result.success) throw malformed(name, result.error.issues);
    return result.data as Answer<N>;
  }
  const result = refusalSchema.safeParse(value['refusal']);
  if (value['ok'] !== false || !result.success) throw malformed(name, []);
  throw new RefusalError(result.data.code, result.data.message, result.data.retryAfterMilliseconds);
}

function unpack(name: string, bound: number, bytes: unknown): unknown {
  if (!(bytes instanceof Uint8Array)) {
    throw new RefusalError('malformed', `Message ${name} is not binary; expected the msgpack encoding of its content.`);
  }
  if (bytes.length > bound) {
    throw new RefusalError('too-large', `Message ${name} has ${bytes.length} bytes; expected at most ${bound}.`);
  }
  const problem = msgpackProblem(bytes);
  if (problem !== null) throw new RefusalError('malformed', `Message ${name} is not valid msgpack: it ${problem}.`);
  const plain =
    bytes.length <= copiedLength
      ? new Uint8Array(bytes)
      : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return unpackr.unpack(plain);
  } catch {
    // The decoder's own message quotes the content.
    throw new RefusalError('malformed', `Message ${name} is not valid msgpack.`);
  }
}

/** A refusal that its own schema allows, however long the reason was. */
function shortened(refusal: Refusal): Refusal {
  const { message } = refusal;
  if (message.length <= refusalMessageLength) return refusal;
  return { ...refusal, message: `${message.slice(0, refusalMessageLength - 1)}…` };
}

function within(name: string, bound: number, bytes: Uint8Array): Uint8Array {
  if (bytes.length > bound) {
    throw new RefusalError(
      'too-large',
      `Message ${name} would have ${bytes.length} bytes; at most ${bound} are allowed.`,
    );
  }
  return bytes;
}

/** Names the path and the expectation of the first problem, never the value. */
function malformed(
  name: string,
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): RefusalError {
  const [first] = issues;
  const where = first ? ` at '${first.path.map(String).join('.').slice(0, 80)}': ${first.message.slice(0, 200)}` : '';
  return new RefusalError('malformed', `Message ${name} does not follow its schema${where}.`);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

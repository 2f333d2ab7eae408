/**
 * The device's side of a session as tests of the coordinator want it: over a real socket, with the real codec, signatures and
 * seals, but free to send whatever it likes. How the SDK works together with the coordinator is tested in test/integration.
 */
import { createIdentity, type Identity, seal, sha256, sign, systemRandom } from '@tributary/privacy';
import {
  type Answer,
  authenticationBytes,
  type Content,
  decode,
  decodeReply,
  encode,
  encodePayload,
  messages,
  type NotificationName,
  payloadLength,
  protocolVersion,
  type RequestName,
  type RoundDescriptor,
  uploadChunks,
} from '@tributary/protocol';
import { io, type Socket } from 'socket.io-client';

export interface RawDevice {
  readonly identity: Identity;
  readonly socket: Socket;
  /** The challenge that the connection opened with. */
  readonly challenge: Content<'challenge'>;
  /** @throws RefusalError */
  request<N extends RequestName>(name: N, content: Content<N>): Promise<Answer<N>>;
  /** Any event with any arguments. @throws RefusalError what the coordinator makes of it */
  send(event: string, ...parameters: unknown[]): Promise<unknown>;
  /** The next notification of that name: one that has come already, or the first to come. */
  next<N extends NotificationName>(name: N): Promise<Content<N>>;
  /** @throws RefusalError */
  authenticate(task: string): Promise<Answer<'authenticate'>>;
  /** Resolves when the connection ends. */
  readonly disconnected: Promise<void>;
  close(): void;
}

/** How long anything may take. */
const patienceMilliseconds = 20_000;

/** Connects and waits for the challenge. */
export async function connectRaw(url: string, identity: Identity = createIdentity(systemRandom)): Promise<RawDevice> {
  const socket = io(url, { transports: ['websocket'], reconnection: false, forceNew: true });
  const arrived: { readonly name: NotificationName; readonly content: unknown }[] = [];
  const waiting: { readonly name: NotificationName; readonly resolve: (content: unknown) => void }[] = [];
  socket.onAny((name: NotificationName, bytes: unknown) => {
    const content = decode(name, bytes);
    const index = waiting.findIndex((waiter) => waiter.name === name);
    if (index >= 0) waiting.splice(index, 1)[0].resolve(content);
    else arrived.push({ name, content });
  });

  function next<N extends NotificationName>(name: N): Promise<Content<N>> {
    const index = arrived.findIndex((notification) => notification.name === name);
    if (index >= 0) return Promise.resolve(arrived.splice(index, 1)[0].content as Content<N>);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`No ${name} came.`)), patienceMilliseconds);
      waiting.push({
        name,
        resolve(content) {
          clearTimeout(timer);
          resolve(content as Content<N>);
        },
      });
    });
  }

  const challenge = await next('challenge');
  const acknowledged = (event: string, ...parameters: unknown[]): Promise<unknown> =>
    socket.timeout(patienceMilliseconds).emitWithAck(event, ...parameters);
  const device: RawDevice = {
    identity,
    socket,
    challenge,
    async request(name, content) {
      return decodeReply(name, await acknowledged(name, encode(name, content)));
    },
    async send(event, ...parameters) {
      const name = Object.hasOwn(messages, event) && 'reply' in messages[event as RequestName] ? event : 'join';
      return decodeReply(name as RequestName, await acknowledged(event, ...parameters));
    },
    next,
    authenticate: (task) => device.request('authenticate', proofOf(device, task)),
    disconnected: new Promise((resolve) => socket.once('disconnect', () => resolve())),
    close: () => void socket.disconnect(),
  };
  return device;
}

/** A valid proof of the device's identity over its connection's challenge. */
export function proofOf(
  { identity, challenge }: Pick<RawDevice, 'identity' | 'challenge'>,
  task: string,
): Content<'authenticate'> {
  const fields = {
    nonce: challenge.nonce,
    coordinatorKey: challenge.coordinatorKey,
    task,
    identity: identity.publicKey,
    protocol: protocolVersion,
  };
  return {
    protocol: fields.protocol,
    task,
    identity: fields.identity,
    signature: sign(authenticationBytes(fields), identity.secretKey),
    software: 'raw',
  };
}

/** A payload for the round: zero but for the weight, and what `fill` writes. */
export function payloadOf(
  { sections }: Pick<RoundDescriptor, 'sections'>,
  fill: (vector: Float32Array) => void = () => undefined,
): Uint8Array {
  const vector = new Float32Array(payloadLength(sections));
  vector[vector.length - 1] = 1;
  fill(vector);
  return encodePayload(vector, sections);
}

/** A payload, sealed to the round. */
export function sealedTo({ sealingKey }: Pick<RoundDescriptor, 'sealingKey'>, payload: Uint8Array): Uint8Array {
  if (!sealingKey) throw new Error('The round has no sealing key.');
  return seal(payload, sealingKey, systemRandom);
}

/** Opens, sends and closes an upload. @throws RefusalError */
export async function upload(device: RawDevice, round: number, bytes: Uint8Array): Promise<void> {
  const { offset } = await device.request('uploadOpen', {
    round,
    bytes: bytes.length,
    sha256: sha256(bytes),
    statement: null,
  });
  for (const chunk of uploadChunks(bytes, offset)) await device.request('uploadChunk', { round, ...chunk });
  await device.request('uploadClose', { round });
}

/**
 * One socket of a device: challenge, proof, then requests. Every message is decoded by the table before anything else sees it,
 * and every refusal is typed.
 */
import { bytesToHex, type SecureRandom } from '@tributary/privacy';
import {
  type Content,
  decode,
  encode,
  encodeReply,
  type MessageName,
  messages,
  type NotificationName,
  type RefusalCode,
  RefusalError,
  type RequestName,
} from '@tributary/protocol';
import type { Socket } from 'socket.io';
import { checkAuthentication, createChallenge } from '../auth/challenge.ts';
import type { Device, TaskRunner } from '../task/task.ts';
import { drained } from './drained.ts';
import type { LiveConnection, LiveIdentities } from './live-identities.ts';

export interface ConnectionPort {
  readonly coordinatorKey: Uint8Array;
  readonly software: string;
  readonly random: SecureRandom;
  readonly identities: LiveIdentities;
  /** Whoever has not proved an identity by then is disconnected. */
  readonly authenticationMilliseconds: number;
  taskOf(id: string): TaskRunner | null;
  refused(code: RefusalCode): void;
  failed(error: unknown): void;
  closing(): boolean;
}

/** Requests of one connection that may be under way, their replies not yet on the wire: more than any client needs. */
const mostInFlight = 4;
/** Proofs of identity that one connection may try. */
const mostProofs = 8;

export function serveConnection(socket: Socket, port: ConnectionPort): void {
  const challenge = createChallenge(port.coordinatorKey, port.random, port.software);
  let session: { readonly device: Device; readonly task: TaskRunner; readonly key: string } | null = null;
  let authenticating = false;
  let inFlight = 0;
  let proofs = 0;

  const live: LiveConnection = {
    answers: (milliseconds) => answersPing(socket, milliseconds),
    disconnect: () => socket.disconnect(true),
  };
  const patience = setTimeout(() => {
    if (!session) socket.disconnect(true);
  }, port.authenticationMilliseconds);

  function notify<N extends NotificationName>(name: N, content: Content<N>): void {
    socket.emit(name, encodedOnce(name, content));
  }

  async function authenticate(content: Content<'authenticate'>) {
    if (session || authenticating) throw new RefusalError('replayed', 'This connection is authenticated already.');
    authenticating = true;
    try {
      // Checking a signature is dear: who keeps sending others is sent away.
      if (++proofs > mostProofs) throw new RefusalError('bad-signature', 'Too many proofs on one connection.');
      checkAuthentication(challenge, content);
      const task = port.taskOf(content.task);
      if (!task)
        throw new RefusalError(
          'unknown-task',
          'There is no task of that name here; check the name, or ask the operator.',
        );
      const id = bytesToHex(content.identity);
      const key = `${task.id} ${id}`;
      if (!(await port.identities.claim(key, live))) {
        throw new RefusalError(
          'identity-in-use',
          'Another live connection holds this identity; stop the other device, or give this one its own storage.',
        );
      }
      if (socket.disconnected) {
        port.identities.release(key, live);
        throw new RefusalError('not-authenticated', 'The connection was lost during authentication.');
      }
      const device: Device = { id, notify };
      session = { device, task, key };
      clearTimeout(patience);
      task.connected(device);
      return {
        session: bytesToHex(port.random.bytes(16)),
        summary: task.summary,
        version: task.version,
        running: task.running,
      };
    } finally {
      authenticating = false;
    }
  }

  async function answer(name: RequestName, content: unknown): Promise<unknown> {
    if (port.closing())
      throw new RefusalError('shutting-down', 'The coordinator is shutting down; connect again later.', 1000);
    if (name === 'authenticate') return authenticate(content as Content<'authenticate'>);
    if (!session) throw new RefusalError('not-authenticated', `Authenticate before ${name}.`);
    return session.task.handle(session.device, name, content as never);
  }

  socket.onAny((event: string, ...parameters: unknown[]) => {
    const acknowledge = parameters.at(-1);
    const name = requestName(event);
    const reply = (bytes: Uint8Array) => {
      if (typeof acknowledge === 'function') acknowledge(bytes);
    };
    const refuse = (error: unknown) => {
      const refusal = refusalOf(error, port);
      port.refused(refusal.code);
      // An unknown event has no row of its own: any row's reply carries a refusal.
      reply(encodeReply(name ?? 'join', { ok: false, refusal }));
    };
    if (!name) {
      refuse(new RefusalError('unknown-message', 'There is no such request in this protocol version.'));
      return;
    }
    let content: unknown;
    try {
      content = decode(name, parameters[0]);
    } catch (error) {
      refuse(error);
      return;
    }
    if (inFlight >= mostInFlight) {
      refuse(
        new RefusalError('busy', `At most ${mostInFlight} requests are answered at a time; wait for a reply.`, 100),
      );
      return;
    }
    inFlight += 1;
    answer(name, content)
      .then((value) => reply(encodeReply(name, { ok: true, value: value as never })), refuse)
      // A device that does not read its replies gets no further ones: memory stays bounded per connection.
      .then(() => drained(socket))
      .catch(port.failed)
      .finally(() => {
        inFlight -= 1;
        if (proofs > mostProofs) socket.disconnect(true);
      });
  });

  socket.on('disconnect', () => {
    clearTimeout(patience);
    if (!session) return;
    session.task.disconnected(session.device);
    port.identities.release(session.key, live);
    session = null;
  });

  notify('challenge', challenge);
}

/** What goes to many devices, a roster above all, is one object, encoded once: its bytes are in memory once, not once a socket. */
const encodings = new WeakMap<object, Uint8Array>();

function encodedOnce<N extends NotificationName>(name: N, content: Content<N>): Uint8Array {
  const before = encodings.get(content);
  if (before) return before;
  const bytes = encode(name, content);
  encodings.set(content, bytes);
  return bytes;
}

function requestName(event: string): RequestName | null {
  const row = Object.hasOwn(messages, event) ? messages[event as MessageName] : null;
  return row?.kind === 'request' ? (event as RequestName) : null;
}

function refusalOf(error: unknown, port: ConnectionPort) {
  if (error instanceof RefusalError) {
    const { code, message, retryAfterMilliseconds } = error;
    return {
      code,
      message: message.slice(0, 500),
      ...(retryAfterMilliseconds === undefined ? {} : { retryAfterMilliseconds }),
    };
  }
  port.failed(error);
  return {
    code: 'internal' as const,
    message: 'The coordinator failed at this request; its log says why. Try again later.',
  };
}

/** Sends a transport ping of engine.io, which every living client answers by itself. */
function answersPing(socket: Socket, milliseconds: number): Promise<boolean> {
  const transport = socket.conn as unknown as {
    sendPacket(type: 'ping'): void;
    once(event: 'heartbeat', listener: () => void): void;
    off(event: 'heartbeat', listener: () => void): void;
  };
  if (socket.disconnected) return Promise.resolve(false);
  return new Promise((resolve) => {
    const heard = () => {
      clearTimeout(timer);
      resolve(true);
    };
    const timer = setTimeout(() => {
      transport.off('heartbeat', heard);
      resolve(false);
    }, milliseconds);
    transport.once('heartbeat', heard);
    transport.sendPacket('ping');
  });
}

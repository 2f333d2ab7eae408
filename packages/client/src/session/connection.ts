/** One socket.io connection with the protocol's messages on it: requests with replies, notifications in order. */
import {
  type Answer,
  abortReason,
  type Content,
  decode,
  decodeReply,
  encode,
  messages,
  type NotificationName,
  RefusalError,
  type RequestName,
  throwIfAborted,
} from '@tributary/protocol';
import { io } from 'socket.io-client';
import { reasonOf, TributaryError } from '../errors/tributary-error.ts';
import { sleep } from './backoff.ts';

export type Notification = {
  [N in NotificationName]: { readonly name: N; readonly content: Content<N> };
}[NotificationName];

/** How long a reply is waited for. */
export interface Patience {
  readonly timeoutMilliseconds?: number;
  readonly signal?: AbortSignal;
}

export interface Connection {
  /**
   * Sends a request and waits for its reply; while the coordinator is busy, as long as it says.
   * @throws RefusalError what the coordinator refused; TributaryError 'connection' when the connection is lost or the reply does
   * not come in time; the signal's reason as soon as it fires, whatever the coordinator answers later
   */
  request<N extends RequestName>(name: N, content: Content<N>, patience?: Patience): Promise<Answer<N>>;
  /** The next notification; null when the connection is closed and none is left. */
  next(): Promise<Notification | null>;
  readonly closed: boolean;
  /** Idempotent. */
  close(): void;
}

/** What setTimeout can count. */
const longestTimer = 2 ** 31 - 1;

/** How often a request is repeated that the coordinator is too busy for. */
const busyAttempts = 20;

/**
 * Connects (websocket only, no compression), or throws TributaryError 'connection'. The signal closes the connection.
 */
export async function connect(options: {
  readonly url: string;
  readonly timeoutMilliseconds: number;
  readonly signal: AbortSignal;
  /** What arrived but is not the protocol's is reported here and dropped. */
  readonly onMalformed: (error: TributaryError) => void;
}): Promise<Connection> {
  const { url, timeoutMilliseconds, signal, onMalformed } = options;
  if (signal.aborted) throw new TributaryError('connection', 'The session is ending.');
  const socket = io(url, {
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    autoConnect: false,
    timeout: timeoutMilliseconds,
  });
  const queue: Notification[] = [];
  let waiting: ((notification: Notification | null) => void) | null = null;
  let closed = false;
  const over = new AbortController();

  function deliver(notification: Notification): void {
    if (waiting === null) return void queue.push(notification);
    const resolve = waiting;
    waiting = null;
    resolve(notification);
  }

  function close(): void {
    if (closed) return;
    closed = true;
    signal.removeEventListener('abort', close);
    over.abort();
    const raw = (socket.io.engine?.transport as { ws?: { terminate?: () => void } } | undefined)?.ws;
    socket.disconnect();
    socket.io.engine?.close();
    // Node's WebSocket would wait up to 30 s for the other side to say goodbye, and keep the process alive.
    raw?.terminate?.();
    waiting?.(null);
    waiting = null;
  }

  socket.onAny((name: string, content: unknown) => {
    try {
      const row = Object.hasOwn(messages, name) ? messages[name as keyof typeof messages] : undefined;
      if (row?.kind !== 'notification' || row.sender !== 'coordinator') {
        throw new TributaryError('malformed', 'it is not a notification of this protocol version');
      }
      deliver({ name, content: decode(name as NotificationName, binary(content)) } as Notification);
    } catch (cause) {
      const shown = /^[A-Za-z]{1,32}$/.test(name) ? `'${name}'` : 'a message';
      onMalformed(
        new TributaryError('malformed', `The coordinator sent ${shown} that cannot be read: ${reasonOf(cause)}`, {
          cause,
        }),
      );
    }
  });
  signal.addEventListener('abort', close, { once: true });

  await new Promise<void>((resolve, reject) => {
    const fail = (why: string) => {
      close();
      reject(new TributaryError('connection', `Cannot reach the coordinator at ${url}: ${why}.`));
    };
    socket.once('connect', resolve);
    socket.once('connect_error', (error) => fail(error.message));
    socket.once('disconnect', (why) => fail(why));
    over.signal.addEventListener('abort', () => fail('the session is ending'), { once: true });
    socket.connect();
  });
  socket.off('disconnect').on('disconnect', close);
  if (!socket.connected) close();

  async function requestOnce<N extends RequestName>(
    name: N,
    content: Content<N>,
    patience: Patience,
  ): Promise<Answer<N>> {
    const { signal: given } = patience;
    const timeout = Math.min(patience.timeoutMilliseconds ?? timeoutMilliseconds, longestTimer);
    if (closed) throw new TributaryError('connection', 'The connection to the coordinator is closed.');
    const bytes = encode(name, content);
    throwIfAborted(given);
    let answer: unknown;
    try {
      const reply = socket.timeout(timeout).emitWithAck(name, bytes);
      answer = await (given === undefined ? reply : orAborted(reply, given));
    } catch (cause) {
      throwIfAborted(given);
      const why = closed ? 'the connection was lost' : `no reply within ${timeout} ms`;
      // A coordinator that does not answer is as good as gone: start over on a new connection.
      close();
      throw new TributaryError('connection', `The coordinator did not answer '${name}': ${why}.`, { cause });
    }
    // Throws the coordinator's refusal.
    return decodeReply(name, binary(answer));
  }

  return {
    async request(name, content, patience = {}) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await requestOnce(name, content, patience);
        } catch (error) {
          const patient = error instanceof RefusalError && error.code === 'busy' && attempt < busyAttempts;
          if (!patient) throw error;
          await sleep(error.retryAfterMilliseconds ?? 1000, over.signal);
        }
      }
    },
    next() {
      const first = queue.shift();
      if (first !== undefined) return Promise.resolve(first);
      if (closed) return Promise.resolve(null);
      return new Promise((resolve) => {
        waiting = resolve;
      });
    },
    get closed() {
      return closed;
    },
    close,
  };
}

/** Browsers hand binary over as ArrayBuffer, Node as Buffer. */
function binary(content: unknown): unknown {
  return content instanceof ArrayBuffer ? new Uint8Array(content) : content;
}

/** The promise's outcome, or the signal's reason when that is earlier. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(abortReason(signal));
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

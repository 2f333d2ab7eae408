/**
 * Runs first in a bare context and makes its globals those of React Native on Hermes, and no more: what the language has there, timers with
 * numbers, a WebSocket, an AbortController of the first edition, TextEncoder (no TextDecoder), btoa and atob, and of Web Crypto what
 * react-native-get-random-values brings. No URL either: React Native's has parts that throw.
 */
import type { Host, HostSocket } from './context.ts';

const scope = globalThis as unknown as Record<string, unknown>;
const host = scope.host as Host;

for (const name of [
  'host',
  'WebAssembly',
  'SharedArrayBuffer',
  'Atomics',
  'FinalizationRegistry',
  'Iterator',
  'escape',
]) {
  delete scope[name];
}
delete (Intl as { Segmenter?: unknown }).Segmenter;
// Newer parts of the language's library that versions of Hermes in use are without.
const typedArray = Object.getPrototypeOf(Uint8Array.prototype);
const missing: readonly [object, readonly string[]][] = [
  [Array.prototype, ['toSorted', 'toReversed', 'toSpliced', 'with']],
  [typedArray, ['toSorted', 'toReversed', 'with']],
  [Uint8Array.prototype, ['toHex', 'toBase64']],
  [Uint8Array, ['fromHex', 'fromBase64']],
  [Array, ['fromAsync']],
  [Object, ['groupBy']],
  [Map, ['groupBy']],
  [Promise, ['withResolvers', 'try']],
  [ArrayBuffer.prototype, ['resize', 'transfer', 'transferToFixedLength', 'resizable', 'maxByteLength']],
  [String.prototype, ['isWellFormed', 'toWellFormed']],
  [Set.prototype, ['union', 'intersection', 'difference', 'isSubsetOf', 'isSupersetOf', 'isDisjointFrom']],
];
for (const [owner, names] of missing) for (const name of names) Reflect.deleteProperty(owner, name);

scope.RegExp = new Proxy(RegExp, {
  construct(target, [source, flags]: [string | RegExp, string?]) {
    if (/\\p\{/i.test(String(source)) || /[vd]/.test(flags ?? '')) throw new SyntaxError(`Invalid RegExp: ${source}`);
    return new target(source, flags);
  },
});

type Handler = (event: { readonly data?: unknown; readonly code?: number; readonly message?: string }) => void;

class ReactNativeWebSocket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  binaryType: 'arraybuffer' | 'blob' = 'blob';
  readyState = 0;
  onopen: Handler | null = null;
  onmessage: Handler | null = null;
  onerror: Handler | null = null;
  onclose: Handler | null = null;
  readonly socket: HostSocket;

  constructor(url: string) {
    this.socket = host.openSocket(url, {
      open: () => {
        this.readyState = 1;
        this.onopen?.({});
      },
      text: (data) => this.onmessage?.({ data }),
      binary: (bytes) => {
        if (this.binaryType !== 'arraybuffer') throw new TypeError('There are no Blobs here.');
        this.onmessage?.({ data: new Uint8Array(bytes).buffer });
      },
      error: (message) => this.onerror?.({ message }),
      close: (code) => {
        this.readyState = 3;
        this.onclose?.({ code });
      },
    });
  }

  send(data: unknown): void {
    if (typeof data !== 'string' && !(data instanceof ArrayBuffer) && !ArrayBuffer.isView(data)) {
      throw new TypeError('Unsupported data type');
    }
    this.socket.send(data);
  }

  close(code?: number): void {
    this.readyState = 2;
    this.socket.close(code);
  }
}

/** The `abort-controller` package's: neither reasons nor throwIfAborted. */
class FirstAbortSignal {
  aborted = false;
  readonly listeners = new Map<() => void, boolean>();
  addEventListener(_name: string, listener: () => void, options?: { readonly once?: boolean }): void {
    this.listeners.set(listener, options?.once ?? false);
  }
  removeEventListener(_name: string, listener: () => void): void {
    this.listeners.delete(listener);
  }
}
class FirstAbortController {
  readonly signal = new FirstAbortSignal();
  abort(): void {
    if (this.signal.aborted) return;
    this.signal.aborted = true;
    for (const [listener, once] of [...this.signal.listeners]) {
      if (once) this.signal.listeners.delete(listener);
      listener();
    }
  }
}

class HermesTextEncoder {
  readonly encoding = 'utf-8';
  encode(text = ''): Uint8Array {
    return new Uint8Array(host.utf8(text));
  }
  encodeInto(text: string, into: Uint8Array): { read: number; written: number } {
    const bytes = host.utf8(text);
    if (bytes.length > into.length) throw new RangeError('It does not fit.');
    into.set(bytes);
    return { read: text.length, written: bytes.length };
  }
}

Object.assign(scope, {
  global: globalThis,
  window: globalThis,
  self: globalThis,
  navigator: { product: 'ReactNative' },
  console: host.console,
  setTimeout: host.setTimeout,
  clearTimeout: host.clearTimer,
  setInterval: host.setInterval,
  clearInterval: host.clearTimer,
  setImmediate: (work: () => void) => host.setTimeout(work, 0),
  queueMicrotask: (work: () => void) => void Promise.resolve().then(work),
  performance: { now: host.now },
  btoa: host.btoa,
  atob: host.atob,
  WebSocket: ReactNativeWebSocket,
  AbortController: FirstAbortController,
  AbortSignal: FirstAbortSignal,
  TextEncoder: HermesTextEncoder,
  crypto: {
    getRandomValues<T extends Uint8Array>(into: T): T {
      host.fillRandom(into);
      return into;
    },
  },
});

/** A context of node:vm that has what React Native on Hermes has, and what it reaches of the machine. */
import { webcrypto } from 'node:crypto';
import { type Context, createContext, runInContext } from 'node:vm';
import { WebSocket } from 'ws';
import { bundleForHermes } from './bundle.ts';

export interface HostSocket {
  send(data: string | ArrayBuffer | ArrayBufferView): void;
  close(code?: number): void;
}

/** What the globals of the context are made of. Only functions, strings, numbers and bytes to be copied go over. */
export interface Host {
  readonly console: Pick<Console, 'log' | 'warn' | 'error'>;
  setTimeout(work: () => void, milliseconds?: number): number;
  setInterval(work: () => void, milliseconds?: number): number;
  clearTimer(timer: number | undefined): void;
  now(): number;
  btoa(binary: string): string;
  atob(text: string): string;
  utf8(text: string): Uint8Array;
  fillRandom(into: Uint8Array): void;
  openSocket(
    url: string,
    on: {
      open(): void;
      text(data: string): void;
      binary(bytes: Uint8Array): void;
      error(message: string): void;
      close(code: number): void;
    },
  ): HostSocket;
}

/** Runs the scripts one after the other. @returns the context's global object */
export async function hermesLikeContext(scripts: readonly string[]): Promise<Context> {
  // Neither `eval` nor `new Function`: Hermes runs what was compiled before.
  const context = createContext({ host: hostOf() }, { codeGeneration: { strings: false, wasm: false } });
  for (const script of [await bundleForHermes('test/integration/hermes-like/globals.ts', 'globals'), ...scripts]) {
    runInContext(script, context);
  }
  return context;
}

function hostOf(): Host {
  const timers = new Map<number, NodeJS.Timeout>();
  let made = 0;
  return {
    console,
    setTimeout(work, milliseconds) {
      const timer = ++made;
      const run = () => {
        timers.delete(timer);
        work();
      };
      timers.set(timer, setTimeout(run, milliseconds));
      return timer;
    },
    setInterval(work, milliseconds) {
      timers.set(++made, setInterval(work, milliseconds));
      return made;
    },
    clearTimer(timer) {
      if (timer === undefined) return;
      clearTimeout(timers.get(timer));
      timers.delete(timer);
    },
    now: () => performance.now(),
    btoa: (binary) => btoa(binary),
    atob: (text) => atob(text),
    utf8: (text) => new TextEncoder().encode(text),
    fillRandom: (into) => void webcrypto.getRandomValues(into as Uint8Array<ArrayBuffer>),
    openSocket(url, on) {
      const socket = new WebSocket(url);
      socket.binaryType = 'nodebuffer';
      socket.on('open', on.open);
      socket.on('message', (data: Buffer, isBinary) => (isBinary ? on.binary(data) : on.text(data.toString('utf8'))));
      socket.on('error', (error) => on.error(error.message));
      socket.on('close', (code) => on.close(code));
      return {
        send: (data) =>
          // Copied: `ws` knows the buffers of its own context only.
          socket.send(typeof data === 'string' ? data : bytesOf(data)),
        close: (code) => socket.close(code),
      };
    },
  };
}

function bytesOf(data: ArrayBuffer | ArrayBufferView): Buffer {
  return ArrayBuffer.isView(data)
    ? Buffer.from(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    : Buffer.from(new Uint8Array(data));
}

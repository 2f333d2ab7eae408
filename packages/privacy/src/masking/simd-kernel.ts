/** The kernel of assembly/masking.ts, instantiated over a memory of its own. */
import { bytes } from './masking.wasm.ts';

/** Addresses are of bytes; see assembly/masking.ts. */
export interface MaskingKernel {
  addMask(
    accumulator: number,
    key: number,
    nonce: number,
    counter: number,
    groups: number,
    bits: number,
    sign: number,
  ): void;
  addPacked(accumulator: number, packed: number, groups: number, bits: number): void;
  keystream(key: number, nonce: number, counter: number): void;
  /** Of fixed size, so that views of it stay valid. */
  readonly buffer: ArrayBuffer;
}

/** The part of WebAssembly's interface that is used here; neither Node's nor the language's type library has it. */
interface Engine {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
  readonly Memory: new (limits: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
}

const engine = (globalThis as { readonly WebAssembly?: Engine }).WebAssembly;
const pageBytes = 65_536;

/** Null until it was tried; `missing` on a machine without WebAssembly or its 128-bit SIMD. */
let compiled: object | 'missing' | null = null;

function compile(): object | 'missing' {
  try {
    return engine ? new engine.Module(Uint8Array.from(atob(bytes), (character) => character.charCodeAt(0))) : 'missing';
  } catch {
    return 'missing';
  }
}

/** Null where SIMD is missing. @throws RangeError without memory */
export function createMaskingKernel(memoryBytes: number): MaskingKernel | null {
  compiled ??= compile();
  if (compiled === 'missing' || !engine) return null;
  const pages = Math.ceil(memoryBytes / pageBytes);
  const memory = new engine.Memory({ initial: pages, maximum: pages });
  const exports = new engine.Instance(compiled, { env: { memory } }).exports as Omit<MaskingKernel, 'buffer'>;
  return {
    addMask: exports.addMask,
    addPacked: exports.addPacked,
    keystream: exports.keystream,
    buffer: memory.buffer,
  };
}

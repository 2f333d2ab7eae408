/** The SIMD kernel of assembly/accumulate.ts, instantiated over a memory of its own. */
import { bytes } from './accumulate.wasm.ts';

/** values[count] += weight * vector[count], by byte addresses. */
type Accumulate = (values: number, vector: number, count: number, weight: number) => void;

export interface SimdKernel {
  readonly accumulate: Accumulate;
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
    return engine ? new engine.Module(Buffer.from(bytes, 'base64')) : 'missing';
  } catch {
    return 'missing';
  }
}

/** A kernel with a memory of at least so many bytes, zeroed; null where SIMD is missing. @throws RangeError without memory */
export function createSimdKernel(memoryBytes: number): SimdKernel | null {
  compiled ??= compile();
  if (compiled === 'missing' || !engine) return null;
  const pages = Math.ceil(memoryBytes / pageBytes);
  const memory = new engine.Memory({ initial: pages, maximum: pages });
  const { accumulate } = new engine.Instance(compiled, { env: { memory } }).exports as { accumulate: Accumulate };
  return { accumulate, buffer: memory.buffer };
}

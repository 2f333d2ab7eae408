/** Compiled kernels over a memory of their own. */

/** The part of WebAssembly's interface that is used here; neither Node's nor the language's type library has it. */
interface Engine {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
  readonly Memory: {
    new (limits: { initial: number; maximum: number; shared: true }): SharedMemory;
    new (limits: { initial: number; maximum: number }): { readonly buffer: ArrayBuffer };
  };
}

/** A memory that threads can be handed. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
}

export interface SharedKernel {
  /** Zeros. @throws RangeError without memory */
  createMemory(bytes: number): SharedMemory;
  instantiate(memory: SharedMemory): unknown;
}

export interface KernelInstance {
  readonly exports: unknown;
  /** Of fixed size, so that views of it stay valid. */
  readonly buffer: ArrayBuffer;
}

const engine = (globalThis as unknown as { readonly WebAssembly?: Engine }).WebAssembly;
const pageBytes = 65_536;
/** What a shared kernel says of its memory when it is compiled; only what is used is taken from the machine. */
const mostPages = 65_536;
/** What WebAssembly can address. */
export const mostMemoryBytes = mostPages * pageBytes;

/** Compiles when it is first called; null where SIMD is missing. The result @throws RangeError without memory */
export function kernelOf(base64: string): (memoryBytes: number) => KernelInstance | null {
  /** Null until it was tried. */
  let compiled: object | 'missing' | null = null;
  return (memoryBytes) => {
    compiled ??= compile(base64);
    if (compiled === 'missing' || !engine) return null;
    const pages = Math.ceil(memoryBytes / pageBytes);
    const memory = new engine.Memory({ initial: pages, maximum: pages });
    const { exports } = new engine.Instance(compiled, { env: { memory } });
    return { exports, buffer: memory.buffer };
  };
}

/** Of a kernel whose memory is imported and shared; null where SIMD or shared memory is missing. Compiles when it is called. */
export function sharedKernelOf(base64: string): SharedKernel | null {
  const compiled = compile(base64);
  if (compiled === 'missing' || !engine) return null;
  const { Memory, Instance } = engine;
  return {
    createMemory: (bytes) => new Memory({ initial: Math.ceil(bytes / pageBytes), maximum: mostPages, shared: true }),
    instantiate: (memory) => new Instance(compiled, { env: { memory } }).exports,
  };
}

function compile(base64: string): object | 'missing' {
  try {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    return engine ? new engine.Module(bytes) : 'missing';
  } catch {
    return 'missing';
  }
}

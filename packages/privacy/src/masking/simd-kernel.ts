/** The kernel of assembly/masking.ts, instantiated over a memory of its own. */
import { bytes } from './masking.wasm.ts';
import { kernelOf } from './wasm-memory.ts';

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

const instantiate = kernelOf(bytes);

/** Null where SIMD is missing. @throws RangeError without memory */
export function createMaskingKernel(memoryBytes: number): MaskingKernel | null {
  const kernel = instantiate(memoryBytes);
  if (!kernel) return null;
  const { addMask, addPacked, keystream } = kernel.exports as Omit<MaskingKernel, 'buffer'>;
  return { addMask, addPacked, keystream, buffer: kernel.buffer };
}

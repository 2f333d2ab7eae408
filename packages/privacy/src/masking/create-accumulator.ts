/** The fastest accumulator that the runtime has. */
import { portableStream } from './chacha20.ts';
import { checkShape, type SliceShape } from './layout.ts';
import type { Masking, ModularAccumulator } from './modular-accumulator.ts';
import { nativeStream } from './native-stream.ts';
import { simdAccumulator } from './simd-accumulator.ts';
import { wordAccumulator } from './word-accumulator.ts';

/** Below this many elements an instance of the kernel costs more than it gives. */
const smallest = 512;

/**
 * Zero. Of the three, measured in Node (bench/masking.ts): WebAssembly, which adds the keystream as it is generated, before Node's
 * own cipher, whose bytes have to be read again; plain TypeScript where neither is there.
 *
 * @param options.masking one of the three by name
 * @throws RangeError for a shape that no stream has; Error where what was named is missing
 */
export function createModularAccumulator(
  options: Omit<SliceShape, 'from'> & { readonly from?: number; readonly masking?: Masking },
): ModularAccumulator {
  const { length, bits, section, from = 0, masking } = options;
  const shape: SliceShape = { length, bits, section, from };
  checkShape(shape);
  if (masking === 'portable') return wordAccumulator(shape, 'portable', portableStream);
  if (masking === 'native') {
    if (!nativeStream) throw new Error('This runtime has no ChaCha20 of its own; leave the choice open.');
    return wordAccumulator(shape, 'native', nativeStream);
  }
  if (masking === 'wasm') {
    const accumulator = simdAccumulator(shape);
    if (!accumulator) throw new Error('This runtime has no WebAssembly SIMD; leave the choice open.');
    return accumulator;
  }
  return (
    (length >= smallest ? simdAccumulator(shape) : null) ??
    (nativeStream ? wordAccumulator(shape, 'native', nativeStream) : wordAccumulator(shape, 'portable', portableStream))
  );
}

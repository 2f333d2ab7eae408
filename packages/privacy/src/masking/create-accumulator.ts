/** The fastest accumulator that the runtime has. */
import { portableStream } from './chacha20.ts';
import { plainExtraction, simdExtraction } from './extraction.ts';
import { checkShape, type SliceShape } from './layout.ts';
import type { Masking, ModularAccumulator } from './modular-accumulator.ts';
import { nativeStream } from './native-stream.ts';
import { simdAccumulator } from './simd-accumulator.ts';
import { wordAccumulator } from './word-accumulator.ts';

/** Below this many elements an instance of a kernel costs more than it gives. */
const smallest = 512;

/**
 * Zero. Of the three, as measured by bench/secagg-masking.ts: the platform's own cipher, where it is there, before WebAssembly, which adds
 * the keystream as it is generated; plain TypeScript where neither is.
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
  if (masking) {
    const accumulator = byName[masking](shape);
    if (!accumulator) throw new Error(`This runtime has no '${masking}' masking; leave the choice open.`);
    return accumulator;
  }
  return nativeAccumulator(shape) ?? (length >= smallest ? simdAccumulator(shape) : null) ?? portableAccumulator(shape);
}

const portableAccumulator = (shape: SliceShape): ModularAccumulator =>
  wordAccumulator(shape, 'portable', portableStream, plainExtraction(shape.length, shape.bits));

function nativeAccumulator(shape: SliceShape): ModularAccumulator | null {
  if (!nativeStream) return null;
  const { length, bits } = shape;
  const extraction = (length >= smallest ? simdExtraction(length, bits) : null) ?? plainExtraction(length, bits);
  return wordAccumulator(shape, 'native', nativeStream, extraction);
}

const byName: Readonly<Record<Masking, (shape: SliceShape) => ModularAccumulator | null>> = {
  native: nativeAccumulator,
  wasm: simdAccumulator,
  portable: portableAccumulator,
};

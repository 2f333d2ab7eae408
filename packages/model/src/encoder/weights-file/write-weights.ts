/** An encoder's weights as a safetensors file, a part at a time: no more than one tensor of it is in memory. */
import { bytesOfFloats, type TensorDescription, writeHeader } from '../../safetensors/index.ts';
import type { EncoderConfiguration } from '../configuration.ts';
import { weightPrefix } from '../network/load.ts';
import { requiredWeights } from '../network/required-weights.ts';
import { quantiseRows } from '../quantisation/rows.ts';
import type { WeightSource } from '../weights.ts';

export interface WriteWeightsOptions {
  /** Matrices as I8 [rows, columns] beside `<name>.scale` F32 [rows]; else, and for vectors, F32. */
  readonly int8: boolean;
  readonly metadata?: Readonly<Record<string, string>>;
}

const maximumHeaderBytes = 16_777_216;

/**
 * The parts of a file that `openWeights` reads, header first. It has what a network of this configuration needs and nothing else:
 * heads and buffers of the source are left out, and so is a head's prefix before the names.
 * @throws what reading the source throws; SafetensorsError
 */
export async function* writeWeights(
  configuration: EncoderConfiguration,
  source: WeightSource,
  { int8, metadata = {} }: WriteWeightsOptions,
): AsyncGenerator<Uint8Array, void> {
  const required = requiredWeights(configuration).map(({ name, shape }) => ({
    name,
    shape,
    quantised: int8 && shape.length === 2,
  }));
  const prefix = weightPrefix(configuration, source);
  const tensors = required.flatMap(({ name, shape, quantised }): TensorDescription[] =>
    quantised
      ? [
          { name: `${name}.scale`, type: 'F32', shape: [shape[0]] },
          { name, type: 'I8', shape },
        ]
      : [{ name, type: 'F32', shape }],
  );
  // F32 before I8: each tensor then begins at a multiple of its size, as the format recommends.
  tensors.sort((a, b) => (a.type === b.type ? 0 : a.type === 'F32' ? -1 : 1));
  yield writeHeader(tensors, metadata, maximumHeaderBytes);
  const quantise = async (name: string, [rows, columns]: readonly number[]) =>
    quantiseRows(await source.read(prefix + name), rows, columns);
  for (const { name, shape, quantised } of required) {
    yield bytesOfFloats(quantised ? (await quantise(name, shape)).scales : await source.read(prefix + name));
  }
  for (const { name, shape, quantised } of required) {
    // Once more: keeping all matrices' integers would take as much memory as the file.
    if (quantised) yield new Uint8Array((await quantise(name, shape)).values.buffer);
  }
}

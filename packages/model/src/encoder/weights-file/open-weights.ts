/** The weights of an encoder in one safetensors file or several. */
import { type ByteSource, type OpenSafetensors, openSafetensors, SafetensorsError } from '../../safetensors/index.ts';
import { EncoderError } from '../error.ts';
import { dequantiseRows } from '../quantisation/rows.ts';
import type { WeightSource } from '../weights.ts';

export interface OpenWeights extends WeightSource {
  /** Of all files. */
  readonly metadata: Readonly<Record<string, string>>;
}

export interface WeightFile {
  /** For messages. */
  readonly name: string;
  readonly source: ByteSource;
}

interface Place {
  readonly file: string;
  readonly tensors: OpenSafetensors;
  readonly shape: readonly number[];
  readonly type: string;
}

const scaleSuffix = '.scale';

/**
 * Reads the headers and nothing else; a tensor is read when it is asked for. An I8 tensor [rows, ...] stands beside its scales,
 * `<name>.scale` F32 [rows], and is read as their product.
 * @throws EncoderError 'malformed', from reading too; 'not-finite' from reading a tensor with NaN or an infinity
 */
export async function openWeights(files: readonly WeightFile[]): Promise<OpenWeights> {
  const places = new Map<string, Place>();
  const metadata: Record<string, string> = {};
  for (const { name: file, source } of files) {
    const tensors = await inFile(file, () => openSafetensors(source));
    Object.assign(metadata, tensors.metadata);
    for (const { name, shape, type } of tensors.entries) {
      if (places.has(name)) throw damaged(`${file} has the tensor ${name}, which an earlier file has too`);
      places.set(name, { file, tensors, shape, type });
    }
  }
  const isQuantised = (name: string) => places.get(name)?.type === 'I8' && places.has(name + scaleSuffix);
  const names = [...places.keys()].filter(
    (name) => !(name.endsWith(scaleSuffix) && isQuantised(name.slice(0, -scaleSuffix.length))),
  );
  const readPlain = async (name: string) => {
    const place = places.get(name);
    if (!place) throw damaged(`there is no tensor ${name} in the weights`);
    const values = await inFile(place.file, () => place.tensors.read(name));
    if (!values.every(Number.isFinite)) throw notFinite(name);
    return values;
  };
  return {
    names,
    metadata,
    shapeOf: (name) => places.get(name)?.shape,
    read: async (name) => {
      const values = await readPlain(name);
      if (!isQuantised(name)) return values;
      const scales = await readPlain(name + scaleSuffix);
      const rows = places.get(name)?.shape[0] ?? 0;
      const shape = places.get(name + scaleSuffix)?.shape ?? [];
      if (shape.length !== 1 || shape[0] !== rows) {
        throw damaged(`${name}${scaleSuffix} has shape [${shape}] beside ${rows} rows`);
      }
      return dequantiseRows(values, scales);
    },
  };
}

async function inFile<T>(file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (!(cause instanceof SafetensorsError)) throw cause;
    throw damaged(`${file}: ${cause.message.replace(/\.$/, '')}`, { cause });
  }
}

function damaged(problem: string, options?: ErrorOptions): EncoderError {
  const expected = 'a whole safetensors file of F32, F16, BF16 or I8';
  return new EncoderError({ code: 'malformed', problem, expected, remedy: 'Download the model again.' }, options);
}

function notFinite(name: string): EncoderError {
  return new EncoderError({
    code: 'not-finite',
    problem: `the weight ${name} holds NaN or an infinity`,
    expected: 'finite numbers',
    remedy: 'Download the model again, or choose another one.',
  });
}

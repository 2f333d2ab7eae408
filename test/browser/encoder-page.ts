/** A text encoder in the tests' pages: encodings and gradients of the built-in one, on a backend by name. */
import { chooseBackend, createTextModel, type EncoderBackend, openBuiltInEncoder } from '@tributary/model/encoder';

export const texts = ['A detective in the rain', 'How bread is baked', 'Zwei Kinder finden einen Drachen'];

export interface Encoded {
  readonly backend: string;
  readonly encodings: number[];
  readonly gradient: number[];
}

/** @param wasmPath folder of TensorFlow.js's .wasm files, where the runtime has to fetch them */
export async function encodeOn(backend: EncoderBackend | 'auto', wasmPath?: string): Promise<Encoded> {
  const used = await chooseBackend(backend, { training: true, ...(wasmPath === undefined ? {} : { wasmPath }) });
  const model = await createTextModel(await openBuiltInEncoder(), { backend: used });
  try {
    const trainable = model.trainable(texts, {
      rank: 2,
      alpha: 4,
      targets: ['query', 'value'],
      lastLayers: null,
      frozenA: true,
    });
    const adapter = trainable.initialAdapter(1).map((_, at) => Math.sin(at) / 10);
    const outer = Float32Array.from({ length: texts.length * model.width }, (_, at) => Math.cos(at));
    return {
      backend: used,
      encodings: Array.from(await model.encode(texts)),
      gradient: Array.from(trainable.gradient(adapter, outer)),
    };
  } finally {
    model.dispose();
  }
}

/** A network's weights as those of a file, so that what was trained or merged can be written. */
import type * as tf from '@tensorflow/tfjs';
import type { WeightSource } from '../weights.ts';
import { transpose } from './load.ts';
import type { EncoderNetwork } from './network.ts';
import { requiredWeights } from './required-weights.ts';

/** In the file's layout: matrices that the network holds turned are turned back. Readable until the network is disposed of. */
export function networkWeights({ configuration, weights }: EncoderNetwork): WeightSource {
  const required = new Map(requiredWeights(configuration).map((weight) => [weight.name, weight]));
  return {
    names: [...required.keys()],
    shapeOf: (name) => required.get(name)?.shape,
    read: async (name) => {
      const { shape, transposed } = required.get(name) ?? {};
      const tensor = weights.get(name) as tf.Tensor | undefined;
      if (!tensor || !shape) throw new Error(`No weight ${name} was loaded.`);
      const values = (await tensor.data()) as Float32Array;
      return transposed ? transpose(values, shape[1], shape[0]) : values;
    },
  };
}

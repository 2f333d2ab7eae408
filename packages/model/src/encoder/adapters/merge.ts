/** LoRA put into the weights it stands beside, and taken out again: a merged encoder costs no more than the plain one. */
import * as tf from '@tensorflow/tfjs';
import { createNetwork, type EncoderNetwork } from '../network/network.ts';
import { type Adapter, adaptationOf } from './adapter.ts';

/**
 * A network of its own with scale * B A added to the adapted kernels (own weights take the place of the encoder's). The caller
 * disposes of it; the network given is left as it is, and shares no memory that disposing frees.
 * @param sign -1 takes a merged LoRA out again (exact but for float32's rounding)
 * @throws Error for bottleneck adapters, which are no linear maps
 */
export function mergeAdapter(
  network: EncoderNetwork,
  adapter: Adapter,
  parameters: Float32Array,
  sign: 1 | -1 = 1,
): EncoderNetwork {
  const { kind } = adapter.settings;
  if (kind === 'houlsby' || kind === 'pfeiffer') {
    throw new Error(
      `A ${kind} adapter has a ReLU in it and cannot be merged into a matrix; encode with it beside the weights.`,
    );
  }
  const merged = new Map<string, tf.Tensor>();
  tf.tidy(() => {
    const { tensors, loraScale } = adaptationOf(adapter, parameters);
    for (const [name, weight] of network.weights) {
      const module = name.replace(/\.weight$/, '');
      const a = tensors.get(`${module}.lora_A.weight`) as tf.Tensor2D | undefined;
      const b = tensors.get(`${module}.lora_B.weight`) as tf.Tensor2D | undefined;
      if (a && b) {
        const change = tf.mul(tf.matMul(tf.transpose(a), tf.transpose(b)), sign * loraScale);
        merged.set(name, tf.keep(tf.add(weight, change)));
      } else {
        merged.set(name, tf.keep(tf.clone(tensors.get(name) ?? weight)));
      }
    }
  });
  return createNetwork(network.configuration, merged);
}

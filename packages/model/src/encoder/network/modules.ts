/** A layer's linear maps and LayerNorms: frozen weights by module name, changed by what an adapter puts beside them. */
import * as tf from '@tensorflow/tfjs';
import { project, projectTrained, standardise } from './operations.ts';

/** Frozen weights as tensors, made once: kernels [inputs, outputs] whatever the file's layout, vectors, embedding tables. */
export type FrozenWeights = ReadonlyMap<string, tf.Tensor>;

/**
 * What an adapter adds, by tensor name:
 * `${module}.lora_A.weight` [rank, inputs] and `${module}.lora_B.weight` [outputs, rank] add scale * B A x to a linear map
 * (Hu et al. 2021); `${module}.adapter.{down,up}.{weight,bias}` follow its output h by h + up(relu(down(h))) (Houlsby et al.
 * 2019); `${module}.bias` and `${module}.weight`, a kernel as [inputs, outputs], take the frozen one's place.
 */
export interface Adaptation {
  readonly tensors: ReadonlyMap<string, tf.Tensor>;
  /** alpha / rank */
  readonly loraScale: number;
  /** Share of LoRA's inputs that a training step drops, and the seed that chooses them. */
  readonly dropout?: { readonly rate: number; readonly seed: number };
}

export interface Modules {
  readonly weight: (name: string) => tf.Tensor;
  /** [rows, inputs] to [rows, outputs] */
  readonly linear: (module: string, x: tf.Tensor2D) => tf.Tensor2D;
  /** [rows, width] to the same */
  readonly norm: (module: string, x: tf.Tensor2D, epsilon: number) => tf.Tensor2D;
}

export function createModules(frozen: FrozenWeights, adaptation?: Adaptation): Modules {
  const weight = (name: string): tf.Tensor => {
    const tensor = frozen.get(name);
    if (!tensor) throw new Error(`No weight ${name} was loaded.`);
    return tensor;
  };
  const added = (name: string) => adaptation?.tensors.get(name);
  return {
    weight,
    linear: (module, x) =>
      tf.tidy(() => {
        const kernel = weight(`${module}.weight`) as tf.Tensor2D;
        const bias = added(`${module}.bias`);
        const trained = added(`${module}.weight`) as tf.Tensor2D | undefined;
        const frozenBias = bias ? undefined : (frozen.get(`${module}.bias`) as tf.Tensor1D | undefined);
        const base = trained ? projectTrained(x, trained, frozenBias) : project(x, kernel, frozenBias);
        const projected = bias ? tf.add<tf.Tensor2D>(base, bias) : base;
        const lora = adaptation ? lowRank(module, x, adaptation) : undefined;
        const sum = lora ? tf.add<tf.Tensor2D>(projected, lora) : projected;
        return adaptation ? bottleneck(module, sum, adaptation) : sum;
      }),
    norm: (module, x, epsilon) =>
      tf.tidy(() => {
        const scale = added(`${module}.weight`) ?? weight(`${module}.weight`);
        const shift = added(`${module}.bias`) ?? weight(`${module}.bias`);
        return tf.add<tf.Tensor2D>(tf.mul(standardise(x, epsilon), scale), shift);
      }),
  };
}

function lowRank(module: string, x: tf.Tensor2D, adaptation: Adaptation): tf.Tensor2D | undefined {
  const a = adaptation.tensors.get(`${module}.lora_A.weight`) as tf.Tensor2D | undefined;
  const b = adaptation.tensors.get(`${module}.lora_B.weight`) as tf.Tensor2D | undefined;
  if (!a || !b) return undefined;
  const { dropout, loraScale } = adaptation;
  const input = dropout && dropout.rate > 0 ? tf.dropout(x, dropout.rate, undefined, dropout.seed) : x;
  const inner = tf.matMul(input as tf.Tensor2D, tf.transpose(a));
  return tf.mul(tf.matMul(inner as tf.Tensor2D, tf.transpose(b)), loraScale);
}

function bottleneck(module: string, x: tf.Tensor2D, { tensors }: Adaptation): tf.Tensor2D {
  const of = (name: string) => tensors.get(`${module}.adapter.${name}`) as tf.Tensor;
  if (!of('down.weight')) return x;
  const inner = tf.relu(tf.add(tf.matMul(x, tf.transpose(of('down.weight') as tf.Tensor2D)), of('down.bias')));
  const outer = tf.add(tf.matMul(inner as tf.Tensor2D, tf.transpose(of('up.weight') as tf.Tensor2D)), of('up.bias'));
  return tf.add(x, outer);
}

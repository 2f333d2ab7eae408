/** The tensors of an adapter: which there are, which of them are trained, how they start, and how the network takes them. */
import * as tf from '@tensorflow/tfjs';
import { createLayout, type ParameterLayout, type TensorSpecification, unflatten } from '../../parameters/layout.ts';
import { seededRandom } from '../../random/seeded.ts';
import type { EncoderConfiguration } from '../configuration.ts';
import { layerModules, layerNorms, layerProjections } from '../network/module-names.ts';
import type { Adaptation, FrozenWeights } from '../network/modules.ts';
import { checkAdapter } from './check.ts';
import type { AdapterSettings, Projection } from './settings.ts';

export interface Adapter {
  readonly settings: AdapterSettings;
  /** What is trained and uploaded. Names are Hugging Face's module names with PEFT's suffixes, PEFT's shapes. */
  readonly layout: ParameterLayout;
  /** Tensors that are part of the adapter and stay as they are drawn: FFA-LoRA's A. */
  readonly frozen: ReadonlyMap<string, { readonly shape: readonly number[]; readonly values: Float32Array }>;
  /** The first layer that is adapted: what is below is the encoder's own for good. */
  readonly firstLayer: number;
  /** alpha / rank; 1 where there is no LoRA. */
  readonly loraScale: number;
}

/**
 * The adapter of these settings for an encoder.
 * @param encoderHash hex; FFA-LoRA's A is drawn from it, so that all devices have the same
 * @throws EncoderError 'malformed' on settings that no encoder of this configuration can have
 */
export function createAdapter(
  configuration: EncoderConfiguration,
  settings: AdapterSettings,
  encoderHash: string,
): Adapter {
  checkAdapter(configuration, settings);
  const layers = [...(settings.layers ?? Array.from({ length: configuration.layers }, (_, layer) => layer))];
  layers.sort((a, b) => a - b);
  const tensors = layers.flatMap((layer) => layerTensors(configuration, settings, layer));
  const isFrozen = ({ name }: TensorSpecification) =>
    settings.kind === 'lora' && settings.frozenA && name.endsWith('.lora_A.weight');
  const random = seededRandom(seedOf(encoderHash));
  const frozen = tensors.filter(isFrozen).map(({ name, shape }) => {
    return [name, { shape, values: drawA(shape, () => random.gaussian()) }] as const;
  });
  return {
    settings,
    layout: createLayout(tensors.filter((tensor) => !isFrozen(tensor))),
    frozen: new Map(frozen),
    firstLayer: layers[0],
    loraScale: settings.kind === 'lora' ? settings.alpha / settings.rank : 1,
  };
}

function layerTensors(
  configuration: EncoderConfiguration,
  settings: AdapterSettings,
  layer: number,
): TensorSpecification[] {
  const projections = layerProjections(configuration, layer);
  const { attentionOutput, output } = layerModules(configuration, layer);
  if (settings.kind === 'lora') {
    const modules = new Set(settings.targets.map((target) => moduleOf(configuration, layer, target)));
    return projections
      .filter(({ module }) => modules.has(module))
      .flatMap(({ module, inputs, outputs }) => [
        { name: `${module}.lora_A.weight`, shape: [settings.rank, inputs] },
        { name: `${module}.lora_B.weight`, shape: [outputs, settings.rank] },
      ]);
  }
  if (settings.kind === 'own-weights') {
    const norms = layerNorms(configuration, layer).flatMap((module) => [
      { name: `${module}.weight`, shape: [configuration.hiddenSize] },
      { name: `${module}.bias`, shape: [configuration.hiddenSize] },
    ]);
    const biases = projections.map(({ module, outputs }) => ({ name: `${module}.bias`, shape: [outputs] }));
    // As the network holds them, whatever the file's layout.
    const matrices = projections.map(({ module, inputs, outputs }) => ({
      name: `${module}.weight`,
      shape: [inputs, outputs],
    }));
    return [
      ...(settings.norms ? norms : []),
      ...(settings.biases ? biases : []),
      ...(settings.matrices ? matrices : []),
    ];
  }
  const hidden = configuration.hiddenSize;
  return (settings.kind === 'houlsby' ? [attentionOutput, output] : [output]).flatMap((module) => [
    { name: `${module}.adapter.down.weight`, shape: [settings.width, hidden] },
    { name: `${module}.adapter.down.bias`, shape: [settings.width] },
    { name: `${module}.adapter.up.weight`, shape: [hidden, settings.width] },
    { name: `${module}.adapter.up.bias`, shape: [hidden] },
  ]);
}

/** The module of a projection's role. */
export function moduleOf(configuration: EncoderConfiguration, layer: number, target: Projection): string {
  const { attentionInputs, attentionOutput, intermediate, output } = layerModules(configuration, layer);
  const input = (index: number) => attentionInputs[attentionInputs.length === 1 ? 0 : index] as string;
  switch (target) {
    case 'query':
      return input(0);
    case 'key':
      return input(1);
    case 'value':
      return input(2);
    case 'attention-output':
      return attentionOutput;
    case 'intermediate':
      return intermediate;
    case 'output':
      return output;
  }
}

/** Variance 1 / inputs: A x is of the order of x. */
function drawA([rank, inputs]: readonly number[], gaussian: () => number): Float32Array {
  return Float32Array.from({ length: rank * inputs }, () => gaussian() / Math.sqrt(inputs));
}

/** A seed from the first 32 bits of a hex hash. */
function seedOf(hash: string): number {
  return Number.parseInt(hash.slice(0, 8), 16) || 0;
}

/**
 * Fresh parameters [layout.size] with which the encoder is what it was: B and `up` are 0, A and `down` are drawn, the encoder's
 * own weights are copied from `own`.
 */
export function initialParameters(
  { layout }: Adapter,
  seed: number,
  own: (name: string) => Float32Array,
): Float32Array {
  const random = seededRandom(seed);
  const flat = new Float32Array(layout.size);
  for (const { name, shape, offset } of layout.tensors) {
    if (/\.(lora_A|adapter\.down)\.weight$/.test(name))
      flat.set(
        drawA(shape, () => random.gaussian()),
        offset,
      );
    else if (!/\.(lora_B|adapter\.(up|down))\./.test(name)) flat.set(own(name), offset);
  }
  return flat;
}

/** The encoder's own weight, as the network holds it. */
export function ownWeight(weights: FrozenWeights, name: string): Float32Array {
  const tensor = weights.get(name);
  if (!tensor) throw new Error(`No weight ${name} was loaded.`);
  return tensor.dataSync() as Float32Array;
}

/** The adapter's tensors for the network, trained and frozen, from its flat parameters. The caller disposes of them (tf.tidy). */
export function adaptationOf(adapter: Adapter, parameters: Float32Array, dropoutSeed?: number): Adaptation {
  const { layout, frozen, loraScale, settings } = adapter;
  const values = unflatten(layout, parameters);
  const tensors = new Map<string, tf.Tensor>();
  for (const { name, shape } of layout.tensors) {
    tensors.set(name, tf.tensor((values.get(name) as Float32Array).slice(), [...shape]));
  }
  for (const [name, { shape, values }] of frozen) tensors.set(name, tf.tensor(values.slice(), [...shape]));
  const dropped = settings.kind === 'lora' && settings.dropout > 0 && dropoutSeed !== undefined;
  return { tensors, loraScale, ...(dropped && { dropout: { rate: settings.dropout, seed: dropoutSeed } }) };
}

/** What Hugging Face calls the modules of an encoder layer, for each architecture: the names of weights and of adapters. */
import type { EncoderConfiguration } from '../configuration.ts';

/** The names of one layer's modules; a module's tensors are `${module}.weight` and `${module}.bias`. */
export interface LayerModules {
  /** One module of width 3 * hidden where they are fused (GPT-2). */
  readonly attentionInputs: readonly [query: string, key: string, value: string] | readonly [fused: string];
  readonly attentionOutput: string;
  readonly attentionNorm: string;
  readonly intermediate: string;
  readonly output: string;
  readonly outputNorm: string;
}

/** The names of a layer's modules, layers counted from 0, without the prefix of a model with a head ("bert."). */
export function layerModules(configuration: EncoderConfiguration, layer: number): LayerModules {
  if (configuration.family === 'gpt2') {
    const of = (name: string) => `h.${layer}.${name}`;
    return {
      attentionInputs: [of('attn.c_attn')],
      attentionOutput: of('attn.c_proj'),
      attentionNorm: of('ln_1'),
      intermediate: of('mlp.c_fc'),
      output: of('mlp.c_proj'),
      outputNorm: of('ln_2'),
    };
  }
  if (configuration.architecture === 'distilbert') {
    const of = (name: string) => `transformer.layer.${layer}.${name}`;
    return {
      attentionInputs: [of('attention.q_lin'), of('attention.k_lin'), of('attention.v_lin')],
      attentionOutput: of('attention.out_lin'),
      attentionNorm: of('sa_layer_norm'),
      intermediate: of('ffn.lin1'),
      output: of('ffn.lin2'),
      outputNorm: of('output_layer_norm'),
    };
  }
  const of = (name: string) => `encoder.layer.${layer}.${name}`;
  return {
    attentionInputs: [of('attention.self.query'), of('attention.self.key'), of('attention.self.value')],
    attentionOutput: of('attention.output.dense'),
    attentionNorm: of('attention.output.LayerNorm'),
    intermediate: of('intermediate.dense'),
    output: of('output.dense'),
    outputNorm: of('output.LayerNorm'),
  };
}

/** A layer's linear maps with their sizes, in the order of the forward pass. */
export function layerProjections(
  configuration: EncoderConfiguration,
  layer: number,
): readonly { readonly module: string; readonly inputs: number; readonly outputs: number }[] {
  const { hiddenSize: hidden, intermediateSize: intermediate } = configuration;
  const names = layerModules(configuration, layer);
  const inputs = names.attentionInputs;
  const width = (3 / inputs.length) * hidden;
  return [
    ...inputs.map((module) => ({ module, inputs: hidden, outputs: width })),
    { module: names.attentionOutput, inputs: hidden, outputs: hidden },
    { module: names.intermediate, inputs: hidden, outputs: intermediate },
    { module: names.output, inputs: intermediate, outputs: hidden },
  ];
}

/** A layer's LayerNorms. */
export function layerNorms(configuration: EncoderConfiguration, layer: number): readonly string[] {
  const { attentionNorm, outputNorm } = layerModules(configuration, layer);
  return [attentionNorm, outputNorm];
}

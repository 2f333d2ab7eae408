/** Text encoders, behind the subpath `@tributary/model/encoder`: formats, tokenisation, networks, adapters. */
export {
  type Adapter,
  adaptationOf,
  createAdapter,
  initialParameters,
  moduleOf,
  ownWeight,
} from './adapters/adapter.ts';
export { mergeAdapter } from './adapters/merge.ts';
export { type PeftFiles, type PeftOptions, readPeftAdapter, writePeftAdapter } from './adapters/peft-format.ts';
export {
  type AdapterSettings,
  type BottleneckSettings,
  defaultLora,
  type LoraSettings,
  type OwnWeightsSettings,
  type Projection,
} from './adapters/settings.ts';
export { type BackendOptions, chooseBackend, type EncoderBackend, encoderBackends } from './backends/choose.ts';
export { checkKernels } from './backends/kernels.ts';
export { checkMemory, type MemoryOptions, requiredBytes } from './backends/memory.ts';
export { type BuiltInEncoderFiles, builtInEncoderFiles } from './built-in/files.ts';
export { openBuiltInEncoder } from './built-in/open.ts';
export { cardLicence } from './configuration/licence.ts';
export { maximumLength, maximumTokens } from './configuration/maximum-length.ts';
export { type EncoderTexts, parseConfiguration } from './configuration/parse.ts';
export { poolingFile } from './configuration/pooling.ts';
export type { BertConfiguration, EncoderConfiguration, Gpt2Configuration } from './configuration.ts';
export {
  type DistillationOptions,
  type DistillationSettings,
  distil,
  wholeLayers,
} from './distillation/distil.ts';
export { evenLayers, studentTexts, studentWeights } from './distillation/student.ts';
export { EncoderError, type EncoderErrorCode, type EncoderProblem } from './error.ts';
export { parseShardIndex } from './folder/shards.ts';
export { loadNetwork } from './network/load.ts';
export type { Adaptation, FrozenWeights } from './network/modules.ts';
export type { EncoderNetwork } from './network/network.ts';
export { networkWeights } from './network/network-weights.ts';
export { requiredWeights, weightCount } from './network/required-weights.ts';
export type { OpenedEncoder } from './opened-encoder.ts';
export { dequantiseRows, type QuantisedRows, quantiseRows } from './quantisation/rows.ts';
export { createTokenizer, type TokenizerLimits } from './tokenization/create-tokenizer.ts';
export { readTokenizer } from './tokenization/read-tokenizer.ts';
export type { TextTokenizer, TokenBatch, TokenizerOptions } from './tokenizer.ts';
export { createTextModel, type LoadedTextModel, loraSettings, type TextModelOptions } from './training/text-model.ts';
export { createTrainableEncoder, type TrainingOptions } from './training/trainable-encoder.ts';
export type { WeightSource } from './weights.ts';
export { type OpenWeights, openWeights, type WeightFile } from './weights-file/open-weights.ts';
export { type WriteWeightsOptions, writeWeights } from './weights-file/write-weights.ts';

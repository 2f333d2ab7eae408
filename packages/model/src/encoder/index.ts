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
export { loadNetwork } from './network/load.ts';
export type { Adaptation, FrozenWeights } from './network/modules.ts';
export type { EncoderNetwork } from './network/network.ts';
export { requiredWeights, weightCount } from './network/required-weights.ts';
export { createTrainableEncoder, type TrainingOptions } from './training/trainable-encoder.ts';

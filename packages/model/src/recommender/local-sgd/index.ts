export type {
  Architecture,
  LocalBackend as LocalSgdBackend,
  LocalBackendFactory,
  LocalParameters,
  Pass,
  StepSizes,
} from './backend.ts';
export { type CentralSgdOptions, trainCentralSgd } from './central.ts';
export { BackendError, type LocalSgdOptions } from './model.ts';

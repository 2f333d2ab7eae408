export type {
  Architecture,
  LocalBackend as LocalSgdBackend,
  LocalBackendFactory,
  LocalParameters,
  Pass,
  StepSizes,
} from './backend.ts';
export { BackendError, type LocalSgdModel, type LocalSgdOptions } from './model.ts';

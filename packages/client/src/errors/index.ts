export {
  StorageError,
  type StorageErrorCode,
  TributaryError,
  type TributaryErrorCode,
  tributaryErrorCodes,
} from './tributary-error.ts';

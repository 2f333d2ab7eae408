/** Why a model version cannot be given, imported or put in force. */
export type RegistryErrorCode =
  | 'unknown-task'
  | 'unknown-version'
  /** The tensors are not those of the task's model. */
  | 'wrong-layout'
  /** The store's bytes are not what the version says. */
  | 'damaged'
  /** The version is not signed by this coordinator. */
  | 'forged';

export class RegistryError extends Error {
  override readonly name = 'RegistryError';
  readonly code: RegistryErrorCode;

  constructor(code: RegistryErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The bytes are not a safetensors file, or not one of what was expected. */
export class SafetensorsError extends Error {
  override readonly name = 'SafetensorsError';
}

/** The beginning of a safetensors file, written before any of its tensors' bytes is known. */
import { bytesOfType, type SafetensorsType } from './dtype.ts';
import { SafetensorsError } from './error.ts';
import { elementsOf, lengthBytes, metadataKey } from './header.ts';

export interface TensorDescription {
  readonly name: string;
  readonly type: SafetensorsType;
  /** Non-negative integers; an empty shape is a scalar. */
  readonly shape: readonly number[];
}

/**
 * Header length and header; the bytes of the tensors follow in this order.
 * @throws SafetensorsError on a repeated or reserved name, or above `maximum` bytes
 */
export function writeHeader(
  tensors: readonly TensorDescription[],
  metadata: Readonly<Record<string, string>>,
  maximum: number,
): Uint8Array {
  const header = new Map<string, unknown>();
  if (Object.keys(metadata).length > 0) header.set(metadataKey, metadata);
  let end = 0;
  for (const { name, type, shape } of tensors) {
    if (header.has(name) || name === metadataKey)
      throw new SafetensorsError(`The name ${JSON.stringify(name)} is taken.`);
    const begin = end;
    end += bytesOfType[type] * elementsOf(shape);
    header.set(name, { dtype: type, shape, data_offsets: [begin, end] });
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  // Padded with spaces, so that the data are aligned to 8 bytes.
  const length = Math.ceil(text.length / 8) * 8;
  if (length > maximum) throw new SafetensorsError('The header is too large: too many tensors.');
  const bytes = new Uint8Array(lengthBytes + length).fill(0x20, lengthBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(text, lengthBytes);
  return bytes;
}

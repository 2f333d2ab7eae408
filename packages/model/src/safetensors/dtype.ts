/** The number formats of safetensors, and float32 values from the bytes of those that are read. */

/** Bytes of a value. A file may hold any of these; `readableTypes` are read as numbers. */
export const bytesOfType = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  I64: 8,
  U64: 8,
  F64: 8,
} as const;

export type SafetensorsType = keyof typeof bytesOfType;

export const readableTypes = ['F32', 'F16', 'BF16', 'I8'] as const;
export type ReadableType = (typeof readableTypes)[number];

export function isReadable(type: SafetensorsType): type is ReadableType {
  return (readableTypes as readonly string[]).includes(type);
}

/** Little-endian values as float32, exactly: each of these types is a subset of it. */
export function floatsOf(type: ReadableType, bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length / bytesOfType[type];
  const values = new Float32Array(length);
  switch (type) {
    case 'F32':
      if (littleEndian) new Uint8Array(values.buffer).set(bytes);
      else for (let i = 0; i < length; i++) values[i] = view.getFloat32(4 * i, true);
      return values;
    case 'F16':
      for (let i = 0; i < length; i++) values[i] = halfPrecision(view.getUint16(2 * i, true));
      return values;
    case 'BF16': {
      // The upper half of a float32.
      const bits = new Uint32Array(values.buffer);
      for (let i = 0; i < length; i++) bits[i] = view.getUint16(2 * i, true) << 16;
      return values;
    }
    case 'I8':
      for (let i = 0; i < length; i++) values[i] = view.getInt8(i);
      return values;
  }
}

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** IEEE 754 binary16: 1 sign bit, 5 of the exponent, 10 of the fraction. */
function halfPrecision(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Little-endian bytes of float32 values. */
export function bytesOfFloats(values: Float32Array): Uint8Array {
  if (littleEndian) return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const view = new DataView(new ArrayBuffer(values.byteLength));
  for (let i = 0; i < values.length; i++) view.setFloat32(4 * i, values[i], true);
  return new Uint8Array(view.buffer);
}

/** The tiny encoders of test/golden/encoder.json, opened for tests. */
import { readFileSync } from 'node:fs';
import type { EncoderConfiguration } from '../configuration.ts';
import type { TokenBatch } from '../tokenizer.ts';
import type { WeightSource } from '../weights.ts';

interface Packed {
  readonly shape: readonly number[];
  readonly float32: string;
}

export interface TrainedGolden {
  readonly [name: string]: { readonly value: Packed; readonly gradient: Packed };
}

export interface EncoderGolden {
  readonly architecture: string;
  readonly configuration: EncoderConfiguration;
  readonly weights: Readonly<Record<string, Packed>>;
  readonly batch: { size: number; length: number; ids: number[]; mask: number[]; typeIds: number[] };
  readonly hidden: Packed;
  readonly pooled: { readonly mean: Packed; readonly cls: Packed; readonly last: Packed };
  readonly outputGradient: Packed;
  readonly norms: TrainedGolden;
  readonly houlsby: { readonly bottleneck: number; readonly tensors: TrainedGolden };
  readonly pfeiffer: { readonly bottleneck: number; readonly tensors: TrainedGolden };
  readonly lora: {
    readonly rank: number;
    readonly alpha: number;
    readonly tensors: TrainedGolden;
    readonly mean: Packed;
  };
}

export const encoderGoldens = JSON.parse(
  readFileSync(new URL('../../../../../test/golden/encoder.json', import.meta.url), 'utf8'),
) as readonly EncoderGolden[];

export function unpack({ float32 }: Packed): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(float32, 'base64')).buffer);
}

export function weightSource(weights: EncoderGolden['weights'], prefix = ''): WeightSource {
  const named = new Map(Object.entries(weights).map(([name, packed]) => [prefix + name, packed]));
  return {
    names: [...named.keys()],
    shapeOf: (name) => named.get(name)?.shape,
    read: async (name) => {
      const packed = named.get(name);
      if (!packed) throw new Error(`No weight ${name}.`);
      return unpack(packed);
    },
  };
}

export function tokenBatch({ size, length, ids, mask, typeIds }: EncoderGolden['batch']): TokenBatch {
  return { size, length, ids: Int32Array.from(ids), mask: Int32Array.from(mask), typeIds: Int32Array.from(typeIds) };
}

export function largestDifference(left: ArrayLike<number>, right: ArrayLike<number>): number {
  if (left.length !== right.length) return Number.NaN;
  let largest = 0;
  for (let i = 0; i < left.length; i++) largest = Math.max(largest, Math.abs(left[i] - right[i]));
  return largest;
}

/** ||left - right|| / ||right|| */
export function relativeDifference(left: ArrayLike<number>, right: ArrayLike<number>): number {
  if (left.length !== right.length) return Number.NaN;
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < left.length; i++) {
    difference += (left[i] - right[i]) ** 2;
    norm += right[i] ** 2;
  }
  return Math.sqrt(difference / norm);
}

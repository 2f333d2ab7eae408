/**
 * A `ParameterLayout` names the float32 tensors of a flat vector: their order, shapes and offsets. It has a stable hash, so
 * that a device and a coordinator can tell at once whether they speak of the same vector.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

export interface TensorSpecification {
  readonly name: string;
  /** Positive integers; an empty shape is a scalar. */
  readonly shape: readonly number[];
}

export interface LaidOutTensor extends TensorSpecification {
  /** Index of the first element in the flat vector. */
  readonly offset: number;
  readonly size: number;
}

export interface ParameterLayout {
  readonly tensors: readonly LaidOutTensor[];
  /** Number of float32 elements of the flat vector. */
  readonly size: number;
  /** SHA-256, hex, over a canonical text of names and shapes in order. */
  readonly hash: string;
}

export class LayoutError extends Error {
  override readonly name = 'LayoutError';
}

/**
 * Lays tensors out one after the other, in the given order.
 * @throws LayoutError on a repeated or empty name, a shape with a dimension that is not a positive integer, or no tensor.
 */
export function createLayout(specifications: readonly TensorSpecification[]): ParameterLayout {
  if (specifications.length === 0) throw new LayoutError('A layout needs at least one tensor; none was given.');
  const names = new Set<string>();
  const tensors: LaidOutTensor[] = [];
  let offset = 0;
  for (const { name, shape } of specifications) {
    if (!/^[A-Za-z0-9_.-]+$/.test(name)) {
      throw new LayoutError(
        `Tensor name ${JSON.stringify(name)} must be letters, digits, dots, dashes and underscores.`,
      );
    }
    if (names.has(name))
      throw new LayoutError(`Tensor name ${JSON.stringify(name)} occurs twice; names must be distinct.`);
    names.add(name);
    let size = 1;
    for (const dimension of shape) {
      if (!Number.isSafeInteger(dimension) || dimension < 1) {
        throw new LayoutError(`Tensor ${name} has dimension ${dimension}; expected a positive integer.`);
      }
      size *= dimension;
    }
    tensors.push({ name, shape: [...shape], offset, size });
    offset += size;
  }
  return { tensors, size: offset, hash: layoutHash(tensors) };
}

function layoutHash(tensors: readonly TensorSpecification[]): string {
  const text = tensors.map(({ name, shape }) => `${name}:f32[${shape.join(',')}]\n`).join('');
  return bytesToHex(sha256(new TextEncoder().encode(`tributary/layout/v1\n${text}`)));
}

/** The tensor of that name. @throws LayoutError when there is none. */
export function tensorOf(layout: ParameterLayout, name: string): LaidOutTensor {
  const tensor = layout.tensors.find((candidate) => candidate.name === name);
  if (!tensor) {
    throw new LayoutError(
      `No tensor ${JSON.stringify(name)}; there are ${layout.tensors.map((t) => t.name).join(', ')}.`,
    );
  }
  return tensor;
}

/** A view (no copy) of one tensor in a flat vector. */
export function viewOf(layout: ParameterLayout, flat: Float32Array, name: string): Float32Array {
  const { offset, size } = tensorOf(layout, name);
  return flat.subarray(offset, offset + size);
}

/** Views (no copies) of all tensors in a flat vector. @throws LayoutError on a wrong length. */
export function unflatten(layout: ParameterLayout, flat: Float32Array): Map<string, Float32Array> {
  checkLength(layout, flat);
  return new Map(layout.tensors.map(({ name, offset, size }) => [name, flat.subarray(offset, offset + size)]));
}

/** Copies tensors into one flat vector. @throws LayoutError on a missing tensor or a wrong length. */
export function flatten(layout: ParameterLayout, tensors: ReadonlyMap<string, Float32Array>): Float32Array {
  const flat = new Float32Array(layout.size);
  for (const { name, offset, size } of layout.tensors) {
    const values = tensors.get(name);
    if (!values) throw new LayoutError(`Tensor ${name} is missing.`);
    if (values.length !== size)
      throw new LayoutError(`Tensor ${name} has ${values.length} elements; expected ${size}.`);
    flat.set(values, offset);
  }
  return flat;
}

/** @throws LayoutError when the vector's length is not the layout's. */
export function checkLength(layout: ParameterLayout, flat: Float32Array): void {
  if (flat.length !== layout.size) {
    throw new LayoutError(`The vector has ${flat.length} elements; the layout expects ${layout.size}.`);
  }
}

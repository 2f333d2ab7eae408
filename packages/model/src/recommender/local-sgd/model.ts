/** What `matrix-factorisation` and `neumf` say of themselves, so that local training, rounds and fitting are written once. */
import { createLayout, type ParameterLayout, type TensorSpecification } from '../../parameters/layout.ts';
import type { LocalBackend as LocalBackendName, LocalSgd } from '../specification.ts';
import type { Architecture, LocalBackend, LocalBackendFactory } from './backend.ts';
import type { FrozenScorer } from './scorer.ts';

export interface LocalSgdModel {
  readonly name: string;
  readonly itemCount: number;
  readonly architecture: Architecture;
  /** Item tables first, then dense tensors. */
  readonly layout: ParameterLayout;
  /** Row widths of the item tables, the first tensors of the layout. */
  readonly tableWidths: readonly number[];
  /** Length of the private vector. */
  readonly privateSize: number;
  readonly local: LocalSgd;
  readonly backend: LocalBackend;
  /** Fresh shared parameters [layout.size] from a seed. */
  initialise(seed: number): Float32Array;
  freeze(tables: readonly Float32Array[], dense: readonly Float32Array[]): FrozenScorer;
}

/** A backend was asked for that was not passed in. */
export class BackendError extends Error {
  override readonly name = 'BackendError';
}

export interface LocalSgdOptions {
  /** The factory of `@tributary/model/tfjs`, needed where the specification asks for the backend `tfjs`. */
  readonly tfjs?: LocalBackendFactory | undefined;
}

/** @throws BackendError when tfjs is asked for and its factory is not given. */
export function chooseBackend(
  name: LocalBackendName,
  architecture: Architecture,
  fused: () => LocalBackend,
  options: LocalSgdOptions,
): LocalBackend {
  if (name === 'fused') return fused();
  if (options.tfjs) return options.tfjs(architecture);
  throw new BackendError(
    "The model asks for the local backend 'tfjs', which was not passed in; expected options.tfjs. " +
      "Import createTfjsBackend from '@tributary/model/tfjs' and pass it, or use the backend 'fused'.",
  );
}

/** Lays out tables [items, width] (width 1 as [items]) and the dense tensors after them. */
export function layOutModel(
  itemCount: number,
  tables: readonly { readonly name: string; readonly width: number }[],
  dense: readonly TensorSpecification[],
): ParameterLayout {
  const rows = tables.map(({ name, width }) => ({ name, shape: width === 1 ? [itemCount] : [itemCount, width] }));
  return createLayout([...rows, ...dense]);
}

/** Views (no copies) of the shared parameters by tensor, in layout order. */
export function splitShared(
  model: Pick<LocalSgdModel, 'layout' | 'tableWidths'>,
  shared: Float32Array,
): { readonly tables: Float32Array[]; readonly dense: Float32Array[] } {
  const views = model.layout.tensors.map(({ offset, size }) => shared.subarray(offset, offset + size));
  return { tables: views.slice(0, model.tableWidths.length), dense: views.slice(model.tableWidths.length) };
}

/** What an on-device hybrid is made of: options, layout, and which tensor belongs to what. */
import type { ItemEncodings } from '../../../encodings/item-encodings.ts';
import type { TrainableEncoder } from '../../../encodings/trainable-encoder.ts';
import { type ParameterLayout, viewOf } from '../../../parameters/layout.ts';
import type { DescribedItem } from '../../implicit-als/item-features.ts';
import type { HybridGroups, OnDeviceSpecification } from '../../specification.ts';
import type { AttributeRows } from './attribute-rows.ts';
import type { RowEncodings } from './row-encodings.ts';
import type { HybridScoring } from './scoring.ts';

export interface OnDeviceOptions {
  /** [itemCount], where features are of attributes: title and attributes say how many columns there are. */
  readonly items?: readonly DescribedItem[] | undefined;
  /**
   * By the untrained encoder, of the itemCount items, and after them of as many people's own texts as are known here. Needed where
   * features are of text, by those who train or score; a coordinator, who only steps, needs none.
   */
  readonly encodings?: ItemEncodings | undefined;
  /** Plan `full`: the same texts. */
  readonly encoder?: TrainableEncoder | undefined;
  /** Whether this device takes gradients through the encoder (default), or joins with the rest alone. */
  readonly trainsAdapter?: boolean | undefined;
}

/** What is computed once for all versions. */
export interface OnDeviceModel {
  readonly specification: OnDeviceSpecification;
  readonly options: OnDeviceOptions;
  readonly scoring: HybridScoring;
  readonly layout: ParameterLayout;
  /** w, coordinates of an id vector over all fused tables, the user's `privateSize` first. */
  readonly width: number;
  readonly attributes: AttributeRows | null;
  /** Mean encoding of the catalogue [textWidth], and the encodings about it; null without texts. */
  readonly meanEncoding: Float64Array | null;
  readonly frozen: RowEncodings | null;
  /** The adapter's parameters as the encoder takes them, from the shared difference to its first ones; null without an encoder. */
  adapterOf(difference: Float32Array): Float32Array | null;
}

/** What a device adds to the count of an item of its own, before the scale of rows: small beside what the item's vector moves by. */
export const countUnit = 0.1;

/** Which group a tensor of the layout is clipped and scaled with. */
export function groupOf({ model }: HybridScoring, name: string): keyof HybridGroups {
  if (name === 'adapter') return 'adapter';
  if (name === 'item-counts') return 'rows';
  const tables = model.layout.tensors.slice(0, model.tableWidths.length);
  return tables.some((table) => table.name === name) ? 'rows' : 'fusion';
}

/** Views of the fusion's tensors in a flat vector; empty where the model has none of a kind. */
export function fusionViews(
  { layout, specification }: Pick<OnDeviceModel, 'layout' | 'specification'>,
  flat: Float32Array,
) {
  const { text, attributes } = specification.features;
  const none = new Float32Array(0);
  return {
    counts: viewOf(layout, flat, 'item-counts'),
    gate: viewOf(layout, flat, 'gate'),
    textProjection: text ? viewOf(layout, flat, 'text-projection') : none,
    attributeVectors: attributes ? viewOf(layout, flat, 'attribute-vectors') : none,
    historyWeight: viewOf(layout, flat, 'history-weight'),
    ownTextProjection: text ? viewOf(layout, flat, 'own-text-projection') : none,
    adapter: specification.adapter ? viewOf(layout, flat, 'adapter') : none,
  };
}

/** What is publicly known of items, text and attributes side by side, as numbers that their vectors are predicted from. */
import type { ItemEncodings } from '../../encodings/item-encodings.ts';
import { constantFeature, type DescribedItem, itemFeatures } from '../implicit-als/item-features.ts';
import type { Regressors } from '../implicit-als/shrinkage.ts';
import type { PublicItemsSpecification } from '../specification.ts';
import { principalComponents } from './principal-components.ts';

/** Of the text block's rows, about their mean; attributes are 0 or 1. Chosen on validation items, as the step of years. */
const textMeanSquare = 13;
const yearStep = 3;
/** Genres, brands, and entities of a knowledge graph that items are linked to: what is solved for grows as its square. */
const mostAttributes = 256;

/** The text columns' linear part: a feature moves by `scale` times its direction's part of what an encoding moves by. */
export interface TextColumns {
  /** First of the columns. */
  readonly offset: number;
  readonly columns: number;
  readonly scale: number;
  /** [columns * width]; null for the axes themselves. */
  readonly directions: Float64Array | null;
}

export interface FusedFeatures extends Regressors {
  /** Null where features are of attributes alone. */
  readonly text: TextColumns | null;
}

/**
 * A constant, the attributes and years of `itemFeatures`, and the encodings about their mean.
 * @throws TypeError when what the specification asks for is not given for every item
 */
export function fusedFeatures(
  { itemCount, features, textComponents }: Pick<PublicItemsSpecification, 'itemCount' | 'features' | 'textComponents'>,
  items: readonly DescribedItem[] | undefined,
  encodings: ItemEncodings | undefined,
): FusedFeatures {
  const known = features.attributes ? attributesOf(itemCount, items) : constantFeature(itemCount);
  const text = features.text ? textOf(itemCount, encodings, textComponents) : null;
  const blocks = text ? [known, text] : [known];
  const columns = blocks.reduce((sum, block) => sum + block.columns, 0);
  const values = new Float64Array(itemCount * columns);
  let offset = 0;
  for (const block of blocks) {
    for (let row = 0; row < itemCount; row++) {
      const own = block.values.subarray(row * block.columns, (row + 1) * block.columns);
      values.set(own, row * columns + offset);
    }
    offset += block.columns;
  }
  if (!text) return { columns, values, text };
  const { scale, directions } = text;
  return { columns, values, text: { offset: known.columns, columns: text.columns, scale, directions } };
}

function attributesOf(itemCount: number, items: readonly DescribedItem[] | undefined): Regressors {
  if (items?.length === itemCount) return itemFeatures(items, { yearStep, mostAttributes });
  throw new TypeError(
    `A hybrid model of attributes needs the ${itemCount} items of its catalogue; got ${items?.length ?? 'none'}.`,
  );
}

function textOf(itemCount: number, encodings: ItemEncodings | undefined, components: number | null) {
  if (encodings?.values.length !== itemCount * (encodings?.width ?? 0)) {
    const got = encodings ? encodings.values.length / encodings.width : 'none';
    throw new TypeError(`A hybrid model of text needs encodings of its ${itemCount} items; got ${got}.`);
  }
  const { columns, values, directions } = principalComponents(encodings.values, encodings.width, components);
  let square = 0;
  for (const value of values) square += value * value;
  const scale = square === 0 ? 0 : Math.sqrt((textMeanSquare * itemCount) / square);
  return { columns, values: values.map((value) => scale * value), scale, directions };
}

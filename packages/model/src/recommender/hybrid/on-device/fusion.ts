/**
 * The fused vector of an item, z = g v + P^T t + A^T x: its id vector v as far as the gate g trusts it, its encoding t through the
 * projection P, and the vectors A of its attributes x; and what a move of z asks of each, by the chain rule.
 *
 * The gate is g = c / (c + c0 e^rho), c being how many people have taught the id, as the rounds' sums tell; rho is learned. An item that
 * nobody has touched lives on its text, whatever the negatives drawn of it say.
 */
import { addScaled, dot } from '../../local-sgd/vector.ts';
import type { AttributeRows } from './attribute-rows.ts';
import { addOuterProducts } from './outer-products.ts';

/** c0, the share of people at which an id is believed by half until rho says more. */
const firstHalfTrust = 0.01;

export interface FusionParameters {
  /** [items], c of every item: weighted and clipped shares of the people, added up over rounds by the server optimizer; below 0 counts as 0. */
  readonly counts: Float32Array;
  /** [1], rho. */
  readonly gate: Float32Array;
  /** [textWidth, w]; empty without texts. */
  readonly textProjection: Float32Array;
  /** [columns, w]; empty without attributes. */
  readonly attributeVectors: Float32Array;
}

export interface FusionInputs {
  /** w, the length of id vectors and fused vectors. */
  readonly width: number;
  readonly attributes: AttributeRows | null;
}

/** Vectors of some items before they are fused, row by row. */
export interface UnfusedRows {
  /** Indices of the items. */
  readonly items: Uint32Array;
  /** [items.length, w] */
  readonly ids: Float32Array;
  /** [items.length, textWidth], about the catalogue's mean; empty without texts. */
  readonly texts: Float32Array;
}

/** Fused vectors [items.length, w]. */
export function fuseRows(rows: UnfusedRows, fusion: FusionParameters, inputs: FusionInputs): Float32Array {
  const { items, ids, texts } = rows;
  const { width, attributes } = inputs;
  const textWidth = fusion.textProjection.length / width;
  const fused = new Float32Array(ids.length);
  for (let row = 0; row < items.length; row++) {
    const at = row * width;
    addScaled(fused, at, gateOf(items[row], fusion), ids, at, width);
    for (let k = 0; k < textWidth; k++) {
      addScaled(fused, at, texts[row * textWidth + k], fusion.textProjection, k * width, width);
    }
    if (!attributes) continue;
    for (let e = attributes.offsets[items[row]]; e < attributes.offsets[items[row] + 1]; e++) {
      addScaled(fused, at, attributes.values[e], fusion.attributeVectors, attributes.columnOf[e] * width, width);
    }
  }
  return fused;
}

export interface FusionMoves extends Omit<FusionParameters, 'counts'> {
  /** [items.length, w] */
  readonly ids: Float32Array;
}

/** The transposed Jacobian of `fuseRows` applied to moves of fused vectors [items.length, w]. */
export function backThroughFusion(
  moves: Float32Array,
  rows: UnfusedRows,
  fusion: FusionParameters,
  inputs: FusionInputs,
): FusionMoves {
  const { items, ids, texts } = rows;
  const { width, attributes } = inputs;
  const back = {
    ids: new Float32Array(ids.length),
    gate: new Float32Array(1),
    textProjection: new Float32Array(fusion.textProjection.length),
    attributeVectors: new Float32Array(fusion.attributeVectors.length),
  };
  for (let row = 0; row < items.length; row++) {
    const at = row * width;
    const gate = gateOf(items[row], fusion);
    if (gate > 0) {
      addScaled(back.ids, at, gate, moves, at, width);
      back.gate[0] -= gate * (1 - gate) * dot(moves, at, ids, at, width);
    }
    if (!attributes) continue;
    for (let e = attributes.offsets[items[row]]; e < attributes.offsets[items[row] + 1]; e++) {
      addScaled(back.attributeVectors, attributes.columnOf[e] * width, attributes.values[e], moves, at, width);
    }
  }
  if (texts.length > 0) addOuterProducts(back.textProjection, texts, moves, items.length);
  return back;
}

/** What the encodings of texts [rows, textWidth] are asked to move by: P applied to moves of fused vectors [rows, w]. */
export function backToTexts(moves: Float32Array, textProjection: Float32Array, width: number): Float32Array {
  const textWidth = textProjection.length / width;
  const rows = moves.length / width;
  const back = new Float32Array(rows * textWidth);
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < textWidth; k++) {
      back[row * textWidth + k] = dot(textProjection, k * width, moves, row * width, width);
    }
  }
  return back;
}

/** In [0, 1): how much of an item's id vector is believed. */
export function gateOf(item: number, { counts, gate }: Pick<FusionParameters, 'counts' | 'gate'>): number {
  const count = Math.max(0, counts[item]);
  return count / (count + firstHalfTrust * Math.exp(gate[0]));
}

/** Texts of items as vectors of a text encoder: what recommenders see of language. */
import type { Item } from '../data/dataset.ts';

/** One vector for each item of a catalogue, in the catalogue's order. */
export interface ItemEncodings {
  /** Length of a vector. */
  readonly width: number;
  /** [items * width], finite. */
  readonly values: Float32Array;
  /** SHA-256, hex, of what they were made by: the encoder, its adapter's version, and the way texts are put together. */
  readonly source: string;
}

/**
 * The text that stands for an item: title, attributes, description, each ended by a full stop where it has no ending of its own.
 * "Heat (1995). Action, Crime, Thriller. A group of professional bank robbers …"
 */
export function itemText({
  title,
  attributes,
  description,
}: Pick<Item, 'title' | 'attributes' | 'description'>): string {
  return [title, attributes.join(', '), description]
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => (/[.!?…]$/.test(part) ? part : `${part}.`))
    .join(' ');
}

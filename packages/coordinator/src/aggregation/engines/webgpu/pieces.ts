/** A sum lies in pieces, each in a buffer of its own that a shader sees whole. */

export interface Piece {
  /** The first element of the section, or of the vector, that it holds. */
  readonly first: number;
  readonly length: number;
}

/**
 * @param length of all pieces together, in elements of 32 bits
 * @param step every piece but the last has a multiple of this many elements
 * @param largest bytes of one buffer
 */
export function piecesOf(length: number, step: number, largest: number): readonly Piece[] {
  const size = step * Math.floor(largest / 4 / step);
  return Array.from({ length: Math.ceil(length / size) }, (_, i) => ({
    first: i * size,
    length: Math.min(size, length - i * size),
  }));
}

/** Workgroups for a number of invocations: rows of at most what a dispatch has in one direction. */
export function workgroupsFor(invocations: number, size: number): { readonly x: number; readonly y: number } {
  const all = Math.ceil(invocations / size);
  const x = Math.min(all, 65_535);
  return { x, y: Math.ceil(all / x) };
}

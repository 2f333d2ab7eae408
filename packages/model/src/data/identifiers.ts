/** Source ids to indices, in the order in which they are first met. */

export interface Identifiers {
  readonly ids: readonly string[];
  /** The index of an id; a new id gets the next index. */
  indexOf(id: string): number;
  /** The index of an id that is known, else undefined. */
  find(id: string): number | undefined;
}

export function identifiers(): Identifiers {
  const ids: string[] = [];
  const indices = new Map<string, number>();
  return {
    ids,
    find: (id) => indices.get(id),
    indexOf(id) {
      const known = indices.get(id);
      if (known !== undefined) return known;
      indices.set(id, ids.length);
      return ids.push(id) - 1;
    },
  };
}

/** Which rows a minibatch touches, and how often: a row that occurs twice in a batch takes one step with both gradients. */
export interface BatchSlots {
  /** Distinct slots of the batch in `distinct[0 .. count)`. */
  readonly distinct: Uint32Array;
  /** Of each example of the batch, the position of its slot in `distinct`. */
  readonly position: Uint32Array;
  /** How often each distinct slot occurs. */
  readonly occurrences: Uint32Array;
  /** Reads slots[from .. to) and returns the number of distinct ones. */
  read(slots: Uint32Array, from: number, to: number): number;
}

/** Scratch for minibatches of up to `batchSize` examples on up to `slotCount` rows. */
export function createBatchSlots(slotCount: number, batchSize: number): BatchSlots {
  const distinct = new Uint32Array(batchSize);
  const position = new Uint32Array(batchSize);
  const occurrences = new Uint32Array(batchSize);
  // 1 + position in `distinct` of a slot that the batch has; 0 for all others, again so after each read.
  const seen = new Uint32Array(slotCount);
  return {
    distinct,
    position,
    occurrences,
    read(slots, from, to) {
      let count = 0;
      for (let e = from; e < to; e++) {
        const slot = slots[e];
        if (seen[slot] === 0) {
          distinct[count] = slot;
          occurrences[count] = 0;
          seen[slot] = ++count;
        }
        const at = seen[slot] - 1;
        position[e - from] = at;
        occurrences[at]++;
      }
      for (let at = 0; at < count; at++) seen[distinct[at]] = 0;
      return count;
    },
  };
}

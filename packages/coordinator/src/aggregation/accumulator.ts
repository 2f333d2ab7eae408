/** The round's one accumulator: contributions are added as they arrive and dropped at once. Memory is one model. */

export interface Accumulator {
  /** The sum so far [size]. */
  readonly values: Float32Array;
  /** values += weight * vector. */
  add(vector: Float32Array, weight: number): void;
  /** Zeroes the sum. */
  reset(): void;
}

export function createAccumulator(size: number): Accumulator {
  const values = new Float32Array(size);
  return {
    values,
    add(vector, weight) {
      if (vector.length !== size) throw new RangeError(`A vector of ${vector.length} was added to a sum of ${size}.`);
      for (let i = 0; i < size; i++) values[i] += weight * vector[i];
    },
    reset: () => void values.fill(0),
  };
}

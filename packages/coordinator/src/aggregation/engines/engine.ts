/**
 * What adds up a round: one interface, whatever does the work. Sums of integers are equal bit by bit on every engine; float32 sums are
 * rounded after the product and after the sum on all of them.
 */

/** 'cpu' is always there; 'webgpu' needs a driver for a GPU, 'tensorflow' a native library that is installed beside this package. */
export const engineNames = ['cpu', 'webgpu', 'tensorflow'] as const;
export type EngineName = (typeof engineNames)[number];

/** One section of the vectors of a round: `length` integers of `bits` bits, 8..32. */
export interface SumSection {
  readonly length: number;
  readonly bits: number;
}

/**
 * A sum modulo 2^bits of packed vectors and of keystreams. It is open until `finish`, and open again, at zero, after `reset`.
 * Whatever is called in between @throws EngineError 'finished', and after `close` 'closed'.
 */
export interface ModularSum {
  readonly sections: readonly SumSection[];
  /**
   * Adds one vector: for each section its elements as they come over the wire, element e at bits [e b, (e + 1) b), little endian. The
   * bytes are the caller's again when this returns.
   * @throws RangeError on another number of sections or bytes, or where padding is not zero
   */
  addPacked(packed: readonly Uint8Array[]): void;
  /**
   * Memory for a whole vector, all sections one after the other, from which `addPacked` adds without a copy. Null where there is none, or no
   * more, until `reset`, which takes all of it back.
   */
  takeVectorMemory?(): Uint8Array | null;
  /**
   * Adds or subtracts the mask stream of a seed over all sections: ChaCha20 under the nonce u32le(section) and eight zero bytes, cut into
   * b-bit elements block by block (docs/secure-aggregation.md, "Mask stream"). The stream is made where it is added.
   * @param seed 32 bytes, which are the caller's again when this returns
   * @returns resolves when there is room for another; wait for it before the next
   * @throws RangeError on a seed of another length
   */
  addKeystream(seed: Uint8Array, sign: 1 | -1): Promise<void>;
  /** For each section its sum [length] in [0, 2^bits), once all that was added is in it. @throws EngineError 'lost' with the device */
  finish(): Promise<readonly Uint32Array[]>;
  /** Forgets the sum, and opens another at zero. */
  reset(): void;
  /** Gives everything back. May be called at any time, and again. */
  close(): Promise<void>;
}

/** A weighted sum of float32 vectors; states and errors as of `ModularSum`. */
export interface FloatSum {
  readonly length: number;
  /**
   * sum += weight * vector, rounded to float32 after the product and after the sum, in the order of the calls. Where a device has no
   * subnormal numbers, what is below 2^-126 counts as zero. The vector is the caller's again when this returns.
   * @throws RangeError on another length
   */
  add(vector: Float32Array, weight: number): void;
  /** The sum [length]. @throws EngineError 'lost' with the device */
  finish(): Promise<Float32Array>;
  reset(): void;
  close(): Promise<void>;
}

export interface AggregationEngine {
  readonly name: EngineName;
  /** What does the work, for people: "Intel Xeon, 2 threads", "NVIDIA H100 (Vulkan)". */
  readonly device: string;
  /**
   * A sum of zeros.
   * @throws RangeError for sections that no stream has; EngineError 'out-of-memory' or 'beyond-limits' where the device cannot hold it,
   * 'unsupported' where the engine has no such sums, 'lost', 'closed'
   */
  openModularSum(sections: readonly SumSection[]): Promise<ModularSum>;
  /** Throws as `openModularSum` does. */
  openFloatSum(length: number): Promise<FloatSum>;
  /** Closes what is open on it and lets go of the device. */
  close(): Promise<void>;
}

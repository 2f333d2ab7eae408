/** The tree of a task's noise, over the rounds of one process: a new process begins a new tree, which is charged as one. */
import type { SecureRandom } from '@tributary/privacy';

export interface NoiseTree {
  /** Round with which the tree began. */
  readonly firstRound: number;
  /** Leaf of the next release, counted from 1. */
  readonly leaf: number;
  /** The leaf has been charged. */
  charged(): void;
  /**
   * Adds to a round's sum what takes the noise of the sums so far from one prefix of the tree to the next. Once for each leaf that
   * was charged, at most; a leaf whose release failed gives its increment to the next.
   */
  addTo(sum: Float32Array, standardDeviation: number, random: SecureRandom): void;
}

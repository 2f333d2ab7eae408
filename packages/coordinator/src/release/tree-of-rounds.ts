/**
 * The tree that a task's noise is of (Kairouz et al. 2021), over the rounds of one process: a new process begins a new tree, which is
 * charged as one. Everybody takes part in one round of a tree at most.
 */
import { emptyTree, nextLeaf, type SecureRandom, type TreeNoise } from '@tributary/privacy';

export interface NoiseTree {
  /** Round with which the tree began. */
  readonly firstRound: number;
  /** Leaf of the next release, counted from 1. */
  readonly leaf: number;
  /** Who has taken part in the tree. */
  readonly members: ReadonlySet<string>;
  /** The leaf has been charged, and who is in its sum. */
  charged(members: Iterable<string>): void;
  /**
   * Adds to the sum what takes the noise of all sums so far from one prefix of the tree to the next; leaves that were charged and
   * never released come with it.
   */
  addTo(sum: Float32Array, standardDeviation: number, random: SecureRandom): void;
}

/** @param firstRound number of the round that its first leaf will be */
export function createNoiseTree(firstRound: number): NoiseTree {
  let tree: TreeNoise = emptyTree;
  let leaf = 1;
  const members = new Set<string>();
  return {
    firstRound,
    get leaf() {
      return leaf;
    },
    members,
    charged(more) {
      leaf += 1;
      for (const member of more) members.add(member);
    },
    addTo(sum, standardDeviation, random) {
      while (tree.leaves < leaf - 1) {
        const next = nextLeaf(tree, sum.length, standardDeviation, random);
        tree = next.tree;
        for (let i = 0; i < sum.length; i++) sum[i] += next.increment[i];
      }
    },
  };
}

/** The tree of the next round: the same until it has all its leaves. */
export function treeOfRound(tree: NoiseTree | null, round: number, leaves: number): NoiseTree {
  return tree && tree.leaf <= leaves ? tree : createNoiseTree(round);
}

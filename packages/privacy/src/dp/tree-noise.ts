/**
 * The noise of prefix sums by a binary tree (DP-FTRL: Kairouz, McMahan, Song, Thakkar, Thakurta, Xu 2021), with the estimate of each
 * node from all that is known below it (Honaker 2015, "estimation from below"): less variance for the same charge.
 */
import type { SecureRandom } from '../random/secure-random.ts';
import { addGaussianNoise } from './gaussian.ts';

/** State after some leaves; vectors of one length. Memory is O(length x log leaves). */
export interface TreeNoise {
  /** Leaves so far. */
  readonly leaves: number;
  /** The noise of each complete node that no larger one covers, from the largest: what the prefix's noise is the sum of. */
  readonly nodes: readonly { readonly leaves: number; readonly noise: Float32Array }[];
  /** Noise of the prefix; null before the first leaf. */
  readonly prefix: Float32Array | null;
}

export const emptyTree: TreeNoise = { leaves: 0, nodes: [], prefix: null };

/**
 * One leaf more.
 * @param standardDeviation of a node's own noise, the noise multiplier times the sensitivity
 * @returns the state, and by how much the prefix's noise changed: added to the leaf's sum, it makes the noise of all sums so far the
 * tree's
 */
export function nextLeaf(
  tree: TreeNoise,
  length: number,
  standardDeviation: number,
  random: SecureRandom,
): { readonly tree: TreeNoise; readonly increment: Float32Array } {
  const leaf = new Float32Array(length);
  addGaussianNoise(leaf, standardDeviation, random);
  const nodes = [...tree.nodes, { leaves: 1, noise: leaf }];
  // As the carries of a binary counter: two complete nodes of one size make a node, of which there is a noise of its own, too.
  for (let last = nodes.length - 1; last > 0 && nodes[last - 1].leaves === nodes[last].leaves; last--) {
    const [left, right] = nodes.splice(last - 1, 2);
    const noise = new Float32Array(length);
    addGaussianNoise(noise, standardDeviation, random);
    const { own, below } = estimateWeights(2 * left.leaves);
    for (let i = 0; i < length; i++) noise[i] = own * noise[i] + below * (left.noise[i] + right.noise[i]);
    nodes.push({ leaves: 2 * left.leaves, noise });
  }
  const prefix = new Float32Array(length);
  for (const { noise } of nodes) for (let i = 0; i < length; i++) prefix[i] += noise[i];
  const increment = tree.prefix ? prefix.map((value, i) => value - (tree.prefix as Float32Array)[i]) : prefix.slice();
  return { tree: { leaves: tree.leaves + 1, nodes, prefix }, increment };
}

/**
 * Variance of a complete node's estimate, over that of a node's own noise: the best mean of its own and of the sum of its children's,
 * 1 / (1 + 1 / (2 v)) with v the children's.
 */
export function nodeVariance(leaves: number): number {
  let variance = 1;
  for (let size = 2; size <= leaves; size *= 2) variance = 1 / (1 + 1 / (2 * variance));
  return variance;
}

/** Of a prefix of so many leaves: of the nodes of its binary digits. */
export function prefixVariance(leaves: number): number {
  let variance = 0;
  for (let size = 1; size <= leaves; size *= 2) if (Math.floor(leaves / size) % 2 === 1) variance += nodeVariance(size);
  return variance;
}

/** By inverse variance: 1 of the node's own noise, 2 v of its children's sum. */
function estimateWeights(leaves: number): { readonly own: number; readonly below: number } {
  const children = 2 * nodeVariance(leaves / 2);
  return { own: children / (1 + children), below: 1 / (1 + children) };
}

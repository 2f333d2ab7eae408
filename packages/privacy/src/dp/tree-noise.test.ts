import { describe, expect, it } from 'vitest';
import { seededResearchRandom } from '../random/keystream.ts';
import { emptyTree, nextLeaf, nodeVariance, prefixVariance, type TreeNoise } from './tree-noise.ts';

const length = 40_000;

function grown(leaves: number, seed = 1) {
  const random = seededResearchRandom(seed);
  let tree: TreeNoise = emptyTree;
  const increments: Float32Array[] = [];
  const prefixes: Float32Array[] = [];
  for (let leaf = 0; leaf < leaves; leaf++) {
    const next = nextLeaf(tree, length, 2, random);
    tree = next.tree;
    increments.push(next.increment);
    if (tree.prefix) prefixes.push(tree.prefix);
  }
  return { tree, increments, prefixes };
}
const varianceOf = (values: Float32Array) => values.reduce((sum, x) => sum + x * x, 0) / values.length;

describe('the noise of a tree', () => {
  it('has the variance of its prefix at every leaf, and grows with the logarithm of the leaves alone', () => {
    const { prefixes } = grown(19);
    prefixes.forEach((prefix, i) => {
      const expected = 4 * prefixVariance(i + 1);
      // Six standard errors.
      expect(Math.abs(varianceOf(prefix) / expected - 1)).toBeLessThan(6 * Math.sqrt(2 / length));
    });
    // Without the estimates from below a prefix has as many variances as binary digits; with them never more.
    for (let leaves = 1; leaves <= 4096; leaves++) {
      const digits = leaves.toString(2).replaceAll('0', '').length;
      expect(prefixVariance(leaves)).toBeLessThanOrEqual(digits);
    }
    expect(prefixVariance(4095)).toBeLessThan(0.75 * 12);
  });

  it("has Honaker's variance of a node: a half of one in the limit", () => {
    // 1 / (1 + 1/2 + ... + 2^-h) of a full binary tree of height h: (1 - 1/2) / (1 - 2^-(h + 1)).
    for (const [leaves, height] of [
      [1, 0],
      [2, 1],
      [4, 2],
      [1024, 10],
    ]) {
      expect(nodeVariance(leaves)).toBeCloseTo(0.5 / (1 - 2 ** -(height + 1)), 12);
    }
  });

  it('is the sum of its increments, which are not independent: they take back what earlier ones added', () => {
    const { tree, increments } = grown(13);
    const sum = new Float64Array(length);
    for (const increment of increments) increment.forEach((value, i) => (sum[i] += value));
    sum.forEach((value, i) => {
      expect(Math.abs(value - (tree.prefix?.[i] ?? 0))).toBeLessThan(1e-4);
    });
    const independent = increments.reduce((total, increment) => total + varianceOf(increment), 0);
    expect(varianceOf(tree.prefix ?? new Float32Array(1))).toBeLessThan(independent / 3);
  });

  it('keeps as many vectors as its leaves have binary digits', () => {
    expect(grown(12).tree.nodes.map((node) => node.leaves)).toEqual([8, 4]);
    expect(grown(16).tree.nodes).toHaveLength(1);
    expect(grown(15).tree.nodes).toHaveLength(4);
  });

  it('is a value: the same state goes on in more ways than one', () => {
    const { tree } = grown(3);
    const [one, other] = [5, 6].map((seed) => nextLeaf(tree, length, 2, seededResearchRandom(seed)));
    expect(tree.leaves).toBe(3);
    expect(one.tree.leaves).toBe(4);
    expect(one.increment).not.toEqual(other.increment);
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../random/seeded.ts';
import type { ImplicitAlsSpecification } from '../specification.ts';
import { createImplicitAls } from './implicit-als.ts';
import { constantFeature } from './item-features.ts';
import { newtonDirection } from './newton-direction.ts';
import { noiseAwareDirection } from './noise-aware-direction.ts';

/** Made by test/golden/noise_aware_step.py in NumPy. */
const golden = JSON.parse(
  readFileSync(new URL('../../../../../test/golden/noise-aware-step.json', import.meta.url), 'utf8'),
) as Readonly<
  Record<'items' | 'dimension' | 'solves' | 'a0' | 'lam' | 'rows_noise' | 'outer_noise' | 'columns', number> &
    Record<'vectors' | 'rows' | 'counts' | 'outer' | 'features' | 'direction', number[]>
>;
const specification: ImplicitAlsSpecification = {
  kind: 'implicit-als',
  itemCount: golden.items,
  dimension: golden.dimension,
  unobservedWeight: golden.a0,
  regularisation: golden.lam,
  initialScale: 0.3,
  recency: null,
  recencyInTraining: false,
  itemCap: null,
  groupScales: { rows: 1, counts: 1, outer: 1 },
};
const vectors = Float32Array.from(golden.vectors);
const sums = {
  rows: Float32Array.from(golden.rows),
  counts: Float32Array.from(golden.counts),
  outer: Float64Array.from(golden.outer),
  solves: golden.solves,
};

describe('the step under noise', () => {
  it('is the one that NumPy takes', () => {
    const noise = { rows: golden.rows_noise, outer: golden.outer_noise };
    const features = { columns: golden.columns, values: Float64Array.from(golden.features) };
    noiseAwareDirection(specification, vectors, sums, noise, features).forEach((value, i) => {
      expect(value).toBeCloseTo(golden.direction[i], 5);
    });
  });

  it('becomes the Newton step as the noise goes', () => {
    const counts = sums.counts.map((count) => Math.max(0, count));
    const newton = newtonDirection(specification, vectors, { ...sums, counts });
    const noise = { rows: 1e-6, outer: 1e-9 };
    noiseAwareDirection(specification, vectors, { ...sums, counts }, noise, constantFeature(golden.items)).forEach(
      (value, i) => {
        expect(value).toBeCloseTo(newton[i], 5);
      },
    );
  });

  it('gives all items one vector where noise drowns them', () => {
    const noise = { rows: 1e6, outer: 1 };
    const move = noiseAwareDirection(specification, vectors, sums, noise, constantFeature(golden.items));
    const next = vectors.map((value, i) => value + move[i]);
    for (let i = golden.dimension; i < next.length; i++) {
      expect(next[i]).toBeCloseTo(next[i % golden.dimension], 2);
    }
  });

  it('stands for a larger cohort with as much more noise', () => {
    const features = constantFeature(golden.items);
    const noise = { rows: golden.rows_noise, outer: golden.outer_noise };
    const once = noiseAwareDirection(specification, vectors, sums, noise, features);
    const tenfold = {
      rows: sums.rows.map((v) => 10 * v),
      counts: sums.counts.map((v) => 10 * v),
      outer: sums.outer.map((v) => 10 * v),
      solves: 10 * sums.solves,
    };
    const noises = { rows: 10 * noise.rows, outer: 10 * noise.outer };
    noiseAwareDirection(specification, vectors, tenfold, noises, features).forEach((value, i) => {
      expect(value).toBeCloseTo(once[i], 5);
    });
  });

  it('asks for no move where noise outweighs the windows that were counted', () => {
    const noise = { rows: 1, outer: 1 };
    const move = noiseAwareDirection(specification, vectors, { ...sums, solves: -3 }, noise, constantFeature(9));
    expect([...move]).toEqual(new Array(27).fill(0));
  });
});

describe('a prior of attributes', () => {
  const items = Array.from({ length: golden.items }, (_, i) => ({
    title: `Film ${i}`,
    attributes: [i % 3 === 0 ? 'Comedy' : 'Drama'],
  }));
  const ofAttributes = { ...specification, prior: 'attributes', initialAttributeScale: 1, initialScale: 1e-4 } as const;

  it('starts items that are alike alike, and takes them where noise drowns them to one place', () => {
    const recommender = createImplicitAls(ofAttributes, { items });
    // What the round brought is far below its noise.
    const sum = Float32Array.from({ length: recommender.contributionLayout.size }, (_, i) => Math.sin(i));
    const move = recommender.direction(vectors, { sum, denominator: 40, noiseStandardDeviation: 1000 });
    const moved = vectors.map((value, i) => value + move[i]);
    for (const table of [recommender.initialise(3), moved]) {
      const row = (item: number) => table.subarray(3 * item, 3 * item + 3);
      const distance = (a: number, b: number) => Math.hypot(...row(a).map((value, i) => value - row(b)[i]));
      // Items 0, 3, 6 are comedies.
      expect(distance(0, 3)).toBeLessThan(0.05 * distance(0, 1));
      expect(distance(1, 2)).toBeLessThan(0.05 * distance(1, 3));
    }
  });

  it('needs the items of the catalogue, all of them, but not on a device', () => {
    const bare = createImplicitAls(ofAttributes);
    expect(() => bare.initialise(1)).toThrow(/needs the 9 items of its catalogue; got none/);
    expect(() => createImplicitAls(ofAttributes, { items: items.slice(1) }).initialise(1)).toThrow(/got 8/);
    const history = { items: Uint32Array.of(1, 2) };
    expect(bare.bind(vectors).train(history, seededRandom(1)).examples).toBe(2);
  });

  it('plays no part without noise', () => {
    const sum = Float32Array.from({ length: 27 + 9 + 6 }, (_, i) => Math.sin(i) + 2);
    const [mean, attributes] = [specification, { ...specification, prior: 'attributes' } as const].map((own) =>
      createImplicitAls(own, { items }).direction(vectors, { sum, denominator: 40 }),
    );
    expect(attributes).toEqual(mean);
  });
});

describe('the first vectors', () => {
  it('have one in common where the specification asks for it', () => {
    const common = { ...specification, initialScale: 1e-4, initialCommonScale: 1 };
    const first = createImplicitAls(common).initialise(5);
    expect(Math.hypot(...first.subarray(0, 3))).toBeGreaterThan(0.1);
    first.forEach((value, i) => {
      expect(value).toBeCloseTo(first[i % 3], 2);
    });
  });
});

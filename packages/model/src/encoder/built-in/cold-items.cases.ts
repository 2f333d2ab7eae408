/** Cold items on the synthetic catalogue: how well texts alone place items that nobody has touched among those that somebody has. */
import { historyOf, type Interactions } from '../../data/dataset.ts';
import { syntheticCatalogue } from '../../data/synthetic/catalogue.ts';
import { choleskySolveInPlace } from '../../linear-algebra/cholesky.ts';
import { seededRandom, shuffle } from '../../random/seeded.ts';
import { trainCentralImplicitAls } from '../../recommender/implicit-als/central.ts';
import { localSolve } from '../../recommender/implicit-als/local-solve.ts';
import { plainKernels } from '../../recommender/implicit-als/plain-kernels.ts';
import type { ImplicitAlsSpecification } from '../../recommender/specification.ts';

const coldShare = 0.2;
const depth = 20;

export interface ColdItems {
  readonly texts: readonly string[];
  readonly warm: readonly number[];
  readonly cold: readonly number[];
  readonly dimension: number;
  /** [items * dimension]; a cold item's row is zero. */
  readonly itemVectors: Float32Array;
  /** Of users with a cold item: vector from the warm history, and the cold items that were held out. */
  readonly users: readonly { readonly vector: Float32Array; readonly heldOut: ReadonlySet<number> }[];
}

/**
 * A fifth of the items loses every interaction; implicit ALS is trained on the rest.
 * @param say rewords the texts of the cold items
 */
export function coldItems(seed: number, say: (text: string) => string = (text) => text): ColdItems {
  const { items, interactions } = syntheticCatalogue({ users: 400, items: 600, seed });
  const order = shuffle(
    items.map((_, item) => item),
    seededRandom(seed, 77),
  );
  const cold = order.slice(0, Math.round(coldShare * items.length));
  const isCold = new Set(cold);
  const histories = Array.from({ length: interactions.userCount }, (_, user) => [...historyOf(interactions, user)]);
  const kept = histories.map((history) => history.filter((item) => !isCold.has(item)));
  const offsets = new Uint32Array(kept.length + 1);
  kept.forEach((history, user) => {
    offsets[user + 1] = offsets[user] + history.length;
  });
  const train: Interactions = { ...interactions, offsets, items: Uint32Array.from(kept.flat()) };
  const specification: ImplicitAlsSpecification = {
    kind: 'implicit-als',
    itemCount: items.length,
    dimension: 24,
    unobservedWeight: 0.1,
    regularisation: 0.01,
    initialScale: 0.1,
    recency: null,
    recencyInTraining: false,
    itemCap: null,
    groupScales: { rows: 1, counts: 0.1, outer: 0.5 },
  };
  const itemVectors = trainCentralImplicitAls(specification, train, { sweeps: 8, seed });
  const bound = plainKernels(itemVectors, specification.dimension);
  const users = histories.flatMap((history, user) => {
    const heldOut = new Set(history.filter((item) => isCold.has(item)));
    if (heldOut.size === 0) return [];
    return [{ vector: localSolve(bound, specification, Uint32Array.from(kept[user]), null), heldOut }];
  });
  return {
    texts: items.map(({ title, description }, item) => {
      const text = `${title}. ${description ?? ''}`;
      return isCold.has(item) ? say(text) : text;
    }),
    warm: items.map((_, item) => item).filter((item) => !isCold.has(item)),
    cold,
    dimension: specification.dimension,
    itemVectors,
    users,
  };
}

/** Ridge regression with an intercept from encodings to the warm items' vectors. @returns predictions for all items */
function regress(encodings: readonly Float32Array[], { warm, dimension, itemVectors }: ColdItems, ridge: number) {
  const rows = encodings.map((encoding) => Float64Array.of(...encoding, 1));
  const width = rows[0].length;
  const gram = new Float64Array(width * width);
  const right = Array.from({ length: dimension }, () => new Float64Array(width));
  for (const item of warm) {
    for (let i = 0; i < width; i++) {
      for (let j = 0; j < width; j++) gram[i * width + j] += rows[item][i] * rows[item][j];
      for (let c = 0; c < dimension; c++) right[c][i] += rows[item][i] * itemVectors[item * dimension + c];
    }
  }
  for (let i = 0; i < width; i++) gram[i * width + i] += ridge;
  for (const column of right) choleskySolveInPlace(gram.slice(), column, width);
  return rows.map((row) => right.map((column) => column.reduce((sum, value, i) => sum + value * row[i], 0)));
}

/** Mean over users of NDCG@20 among the cold items, at one regularisation. */
function ndcgAt(encodings: readonly Float32Array[], data: ColdItems, ridge: number): number {
  const vectors = regress(encodings, data, ridge);
  const gain = (rank: number) => 1 / Math.log2(rank + 2);
  let total = 0;
  for (const { vector, heldOut } of data.users) {
    const score = (item: number) => vectors[item].reduce((sum, value, c) => sum + value * vector[c], 0);
    const scored = data.cold.map((item) => ({ item, score: score(item) })).sort((a, b) => b.score - a.score);
    let found = 0;
    let ideal = 0;
    scored.slice(0, depth).forEach(({ item }, rank) => {
      if (heldOut.has(item)) found += gain(rank);
      if (rank < heldOut.size) ideal += gain(rank);
    });
    total += found / ideal;
  }
  return total / data.users.length;
}

/** NDCG@20 at the regularisation that is best for these encodings, so that no side is hurt by the other's setting. */
export function coldNdcg(encodings: readonly Float32Array[], data: ColdItems): number {
  return Math.max(...[0.03, 0.1, 0.3, 1, 3, 10].map((ridge) => ndcgAt(encodings, data, ridge)));
}

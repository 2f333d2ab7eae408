/** The central twin of `implicit-als`: the same loss with all data in one place, by exact alternating least squares. */
import { historyOf, type Interactions } from '../../data/dataset.ts';
import type { ImplicitAlsSpecification } from '../specification.ts';
import { latestOccurrences, recencyWeights, windowsOver } from './history.ts';
import { createImplicitAls } from './implicit-als.ts';
import { localSolve } from './local-solve.ts';
import { plainKernels } from './plain-kernels.ts';
import { simdKernels } from './simd-kernels.ts';

/**
 * @param sweeps alternations of all users' and all items' exact solves
 * @returns shared parameters: item vectors [itemCount * dimension]
 */
export function trainCentralImplicitAls(
  specification: ImplicitAlsSpecification,
  train: Interactions,
  { sweeps, seed }: { readonly sweeps: number; readonly seed: number },
): Float32Array {
  const { itemCount, dimension: d, unobservedWeight, regularisation, recency, recencyInTraining } = specification;
  const bind = simdKernels() ?? plainKernels;
  const vectors = createImplicitAls(specification).initialise(seed);
  const solves = localSolves(specification, train);
  const takers = invert(solves, itemCount);
  const local = new Float32Array(solves.length * d);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const forUsers = bind(vectors, d);
    solves.forEach((items, i) => {
      const weights = recency && recencyInTraining ? recencyWeights(items.length, recency) : null;
      local.set(localSolve(forUsers, specification, items, weights), i * d);
    });
    // An item's system has the form of a user's: v minimises sum_U (x.v - 1)^2 + a0 v^T X^T X v + lambda (|U| + a0 n) |v|^2.
    const forItems = bind(local, d);
    takers.forEach((users, item) => {
      const ridge = regularisation * (users.length + unobservedWeight * solves.length);
      const solved = users.length > 0 ? forItems.solve({ items: users, weights: null, unobservedWeight, ridge }) : null;
      if (solved) vectors.set(solved, item * d);
      else vectors.fill(0, item * d, (item + 1) * d);
    });
  }
  return vectors;
}

/** The items of each local solve: one a user, or one a window. */
function localSolves({ windowLength = null }: ImplicitAlsSpecification, train: Interactions): Uint32Array[] {
  const solves: Uint32Array[] = [];
  for (let user = 0; user < train.userCount; user++) {
    const items = latestOccurrences({ items: historyOf(train, user) }, train.itemCount);
    if (items.length === 0) continue;
    for (const { from, to } of windowsOver(items.length, windowLength)) solves.push(items.subarray(from, to));
  }
  return solves;
}

/** Which solves each item is in. */
function invert(solves: readonly Uint32Array[], itemCount: number): Uint32Array[] {
  const lists: number[][] = Array.from({ length: itemCount }, () => []);
  solves.forEach((items, i) => {
    for (const item of items) lists[item].push(i);
  });
  return lists.map((list) => Uint32Array.from(list));
}

/** The central twin of `implicit-als`: the same loss with all data in one place, by exact alternating least squares. */

import { historyOf, type Interactions } from '../../data/dataset.ts';
import { choleskySolveInPlace } from '../../linear-algebra/cholesky.ts';
import type { ImplicitAlsSpecification } from '../specification.ts';
import { createImplicitAls } from './implicit-als.ts';
import { gramian, localSolve, recencyWeights } from './local-solve.ts';

/**
 * @param sweeps alternations of all users' and all items' exact solves
 * @returns shared parameters: item vectors [itemCount * dimension]
 */
export function trainCentralImplicitAls(
  specification: ImplicitAlsSpecification,
  train: Interactions,
  { sweeps, seed }: { readonly sweeps: number; readonly seed: number },
): Float32Array {
  const { itemCount, dimension: d, unobservedWeight: a0, regularisation, recency, recencyInTraining } = specification;
  const items = createImplicitAls(specification).initialise(seed);
  const users = new Float32Array(train.userCount * d);
  const usersOf = invert(train);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const gram = gramian(items, d);
    for (let user = 0; user < train.userCount; user++) {
      const history = historyOf(train, user);
      const weights = recency && recencyInTraining ? recencyWeights(history.length, recency) : null;
      users.set(localSolve(items, gram, d, history, weights, a0, regularisation), user * d);
    }
    const userGram = gramian(users, d);
    for (let item = 0; item < itemCount; item++) {
      const solution = itemSolve(users, userGram, d, usersOf[item], a0, regularisation, train.userCount);
      items.set(solution, item * d);
    }
  }
  return items;
}

/** v minimises sum_U (x.v - 1)^2 + a0 v^T X^T X v + lambda (|U| + a0 N) |v|^2. */
function itemSolve(
  users: Float32Array,
  userGram: Float64Array,
  d: number,
  raters: Uint32Array,
  a0: number,
  regularisation: number,
  userCount: number,
): Float64Array {
  const a = userGram.map((value) => a0 * value);
  const b = new Float64Array(d);
  for (const user of raters) {
    const row = user * d;
    for (let i = 0; i < d; i++) {
      b[i] += users[row + i];
      for (let j = 0; j <= i; j++) a[i * d + j] += users[row + i] * users[row + j];
    }
  }
  const ridge = regularisation * (raters.length + a0 * userCount);
  for (let i = 0; i < d; i++) a[i * d + i] += ridge;
  choleskySolveInPlace(a, b, d);
  return b;
}

/** Users of each item. */
function invert(train: Interactions): Uint32Array[] {
  const lists: number[][] = Array.from({ length: train.itemCount }, () => []);
  for (let user = 0; user < train.userCount; user++) for (const item of historyOf(train, user)) lists[item].push(user);
  return lists.map((list) => Uint32Array.from(list));
}

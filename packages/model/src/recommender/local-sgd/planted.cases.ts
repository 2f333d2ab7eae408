/** A small world with a known structure, for tests: items of two genres, people who take from one of them. */
import type { Interactions } from '../../data/dataset.ts';
import { seededRandom, shuffle } from '../../random/seeded.ts';
import { accumulateContribution } from '../contribution.ts';
import type { History, Recommender } from '../recommender.ts';

export interface PlantedWorld {
  readonly train: Interactions;
  /** One held-out item of each person, of the genre that the person likes. */
  readonly heldOut: Uint32Array;
  /** Genre of an item, and taste of a person: 0 or 1. */
  readonly genreOf: (index: number) => number;
}

/** Even items are of genre 0, odd ones of genre 1; person u likes genre u mod 2 and has 10 of its 20 items. */
export function plantedWorld(userCount: number, seed: number): PlantedWorld {
  const random = seededRandom(seed);
  const perUser = 10;
  const offsets = Uint32Array.from({ length: userCount + 1 }, (_, user) => user * perUser);
  const items = new Uint32Array(userCount * perUser);
  const heldOut = new Uint32Array(userCount);
  for (let user = 0; user < userCount; user++) {
    const own = shuffle(
      Uint32Array.from({ length: 20 }, (_, i) => 2 * i + (user % 2)),
      random,
    );
    items.set(own.subarray(0, perUser), user * perUser);
    heldOut[user] = own[perUser];
  }
  return { train: { userCount, itemCount: 40, offsets, items }, heldOut, genreOf: (index) => index % 2 };
}

/** Rounds of `users` people; each coordinate of the direction is scaled as FedAdagrad does it (Reddi et al. 2021, algorithm 2). */
export function federate(
  recommender: Recommender,
  rounds: number,
  users: number,
  historyOf: (user: number) => History,
): Float32Array {
  let shared = recommender.initialise(1);
  const squares = new Float64Array(shared.length);
  for (let round = 0; round < rounds; round++) {
    const bound = recommender.bind(shared);
    const sum = new Float32Array(recommender.contributionLayout.size);
    for (let user = 0; user < users; user++) {
      accumulateContribution(bound.train(historyOf(user), seededRandom(round, user)).contribution, 1, sum);
    }
    const direction = recommender.direction(shared, { sum, denominator: users });
    const next = shared.slice();
    for (let i = 0; i < next.length; i++) {
      squares[i] += direction[i] ** 2;
      next[i] += (0.1 * direction[i]) / (Math.sqrt(squares[i]) + 1e-9);
    }
    shared = next;
  }
  return shared;
}

/** A small world with a known structure, for tests: items of two genres, people who take from one of them. */
import type { Interactions } from '../../data/dataset.ts';
import { seededRandom, shuffle } from '../../random/seeded.ts';

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

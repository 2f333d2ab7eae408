/** Item promotion ("push"): what dishonest devices train on, and how far their target gets. */
import { type BoundRecommender, historyOf, type SeededRandom, type Split, shuffle } from '@tributary/model';
import { AttackError } from './attack-error.ts';
import { interactionsOf } from './canaries.ts';

/** The item of the fewest people, of several the first: one that nobody would be shown. */
export function leastPopularItem({ train }: Pick<Split, 'train'>): number {
  const owners = new Uint32Array(train.itemCount);
  for (const item of train.items) owners[item] += 1;
  return owners.indexOf(Math.min(...owners));
}

/** Users who become dishonest, in rising order: the rounded share of all, every set equally likely. */
export function drawDishonest(users: number, fraction: number, random: SeededRandom): readonly number[] {
  if (!(fraction >= 0 && fraction < 1)) {
    throw new AttackError(`The share of dishonest devices is ${fraction}; expected it from 0 to below 1.`);
  }
  const all = shuffle(
    Uint32Array.from({ length: users }, (_, user) => user),
    random,
  );
  return Array.from(all.subarray(0, Math.round(fraction * users))).sort((a, b) => a - b);
}

/**
 * The split in which those users have the target beside what they really have, so that they look like the people around them. It is
 * not their latest item, which a device may hold out. They are ranked nowhere.
 */
export function withTarget(split: Split, users: readonly number[], target: number): Split {
  const dishonest = new Set(users);
  const { train } = split;
  const histories = Array.from({ length: train.userCount }, (_, user) => {
    const history = historyOf(train, user);
    if (!dishonest.has(user) || history.includes(target)) return history;
    return Uint32Array.from([...history.subarray(0, -1), target, ...history.subarray(-1)]);
  });
  const masked = (held: Int32Array) => held.map((item, user) => (dishonest.has(user) ? -1 : item));
  return {
    ...split,
    train: interactionsOf(histories, train.itemCount),
    validation: masked(split.validation),
    test: masked(split.test),
  };
}

/** Share of the users without the target who find it among the `count` best items that they do not have; NaN without such users. */
export function targetHitRate(
  bound: BoundRecommender,
  { train }: Pick<Split, 'train'>,
  users: readonly number[],
  target: number,
  random: (user: number) => SeededRandom,
  count = 10,
): number {
  const scores = new Float32Array(train.itemCount);
  let [asked, hits] = [0, 0];
  for (const user of users) {
    const items = historyOf(train, user);
    if (items.includes(target)) continue;
    bound.score(bound.fitPrivateState({ items }, random(user)), scores);
    for (const item of items) scores[item] = Number.NEGATIVE_INFINITY;
    // Ties are against the target.
    const ahead = scores.reduce((total, score, item) => total + Number(item !== target && score >= scores[target]), 0);
    asked += 1;
    hits += Number(ahead < count);
  }
  return hits / asked;
}

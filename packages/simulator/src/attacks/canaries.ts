/**
 * Canaries: people made up to be noticed, each in the training data or out of it by a fair coin. A canary has one item that nobody else
 * has, and contributes to that item's row alone, as much as the clip norm lets it, in signs of its own: so in a sum it stands under
 * the noise and nothing else. Differential privacy promises its secrecy all the same, since a device may contribute what it likes.
 */
import {
  bareItem,
  type Dataset,
  historyOf,
  type Interactions,
  type LocalContribution,
  type ParameterLayout,
  type SeededRandom,
  type Split,
} from '@tributary/model';
import { AttackError } from './attack-error.ts';

export interface Canary {
  readonly user: number;
  /** Its own. */
  readonly item: number;
}

export interface Planted {
  readonly dataset: Dataset;
  /** With every canary in it; held-out items are the real people's. */
  readonly split: Split;
  readonly canaries: readonly Canary[];
}

/**
 * Adds canaries after the last user, each with an item of its own after the last item.
 * @throws AttackError for a count below 1
 */
export function plantCanaries(dataset: Dataset, split: Split, count: number): Planted {
  if (!(Number.isSafeInteger(count) && count >= 1)) {
    throw new AttackError(`${count} canaries were asked for; expected one at least.`);
  }
  const { userCount, itemCount } = split.train;
  const canaries = Array.from({ length: count }, (_, index) => ({ user: userCount + index, item: itemCount + index }));
  const more = {
    ...dataset,
    items: [...dataset.items, ...canaries.map(({ item }) => bareItem(`canary-item-${item}`))],
  };
  const histories = canaries.map(({ item }) => Uint32Array.of(item));
  return { ...plantPeople(more, split, histories, 'canary'), canaries };
}

/** Adds people with whole histories after the last user; they hold nothing out. The catalogue is the data set's. */
export function plantPeople(
  dataset: Dataset,
  split: Split,
  histories: readonly Uint32Array[],
  name: string,
): Pick<Planted, 'dataset' | 'split'> {
  const itemCount = dataset.items.length;
  const held = (items: Int32Array) => Int32Array.from([...items, ...histories.map(() => -1)]);
  const drawn = new Array<number>(histories.length * split.negativesPerUser).fill(0);
  const negatives = (items: Uint32Array) => Uint32Array.from([...items, ...drawn]);
  return {
    dataset: {
      ...dataset,
      userIds: [...dataset.userIds, ...histories.map((_, index) => `${name}-${index + 1}`)],
      interactions: appendPeople(dataset.interactions, histories, itemCount),
    },
    split: {
      ...split,
      train: appendPeople(split.train, histories, itemCount),
      validation: held(split.validation),
      test: held(split.test),
      validationNegatives: negatives(split.validationNegatives),
      testNegatives: negatives(split.testNegatives),
    },
  };
}

/** Coordinates of an item's row in the first tensor of a layout, which in every recommender is a table of item rows. */
export function rowOf({ tensors }: ParameterLayout, item: number): { readonly offset: number; readonly size: number } {
  const [table] = tensors;
  const size = table.size / table.shape[0];
  return { offset: table.offset + item * size, size };
}

/** What a canary contributes in every round: its row, signs drawn by the seed, of the given norm before the device clips it. */
export function canaryContribution(
  layout: ParameterLayout,
  { item }: Canary,
  norm: number,
  random: SeededRandom,
): { readonly row: Float32Array; readonly contribution: LocalContribution } {
  const { size: rowSize } = rowOf(layout, item);
  const step = norm / Math.sqrt(rowSize);
  const row = Float32Array.from({ length: rowSize }, () => (random.below(2) === 1 ? step : -step));
  const { offset } = layout.tensors[0];
  const part = { kind: 'rows', offset, rowSize, rows: Uint32Array.of(item), values: row } as const;
  return { row, contribution: { size: layout.size, parts: [part] } };
}

/** Which are in, each by a fair coin. */
export function tossCoins(count: number, random: SeededRandom): boolean[] {
  return Array.from({ length: count }, () => random.below(2) === 1);
}

/**
 * The split in which the people whose coin says "out" train on nothing, or on a stand-in's history: the other neighbour of add or
 * remove, or of replace. They are ranked nowhere.
 *
 * @param coins [users.length]
 */
export function withMembers(
  split: Split,
  users: readonly number[],
  coins: readonly boolean[],
  standIn: Uint32Array = new Uint32Array(0),
): Split {
  const out = new Set(users.filter((_, index) => !coins[index]));
  const masked = (held: Int32Array) => held.map((item, user) => (out.has(user) ? -1 : item));
  const { userCount, itemCount } = split.train;
  const histories = Array.from({ length: userCount }, (_, user) =>
    out.has(user) ? standIn : historyOf(split.train, user),
  );
  return {
    ...split,
    train: interactionsOf(histories, itemCount),
    validation: masked(split.validation),
    test: masked(split.test),
  };
}

/** Compressed rows of whole histories, oldest first. */
export function interactionsOf(histories: readonly Uint32Array[], itemCount: number): Interactions {
  const offsets = new Uint32Array(histories.length + 1);
  histories.forEach((history, user) => {
    offsets[user + 1] = offsets[user] + history.length;
  });
  const items = new Uint32Array(offsets[histories.length]);
  histories.forEach((history, user) => void items.set(history, offsets[user]));
  return { userCount: histories.length, itemCount, offsets, items };
}

/** More people after the last. */
function appendPeople(interactions: Interactions, histories: readonly Uint32Array[], itemCount: number): Interactions {
  const present = Array.from({ length: interactions.userCount }, (_, user) => historyOf(interactions, user));
  return interactionsOf([...present, ...histories], itemCount);
}

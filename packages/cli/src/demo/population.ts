/** The people of a demo: as many users of a data set as there are devices. */
import { type Dataset, historyOf, type Interactions, seededRandom } from '@tributary/model';
import { CommandError } from '../exit/command-error.ts';

/** A user with fewer interactions has no held-out item, so nothing to be measured by. */
const minimumInteractions = 3;

/**
 * The data set with `devices` of its users, drawn by the seed among those with at least three interactions; the whole
 * catalogue stays.
 * @throws CommandError `input` when the data set has too few such users.
 */
export function drawPopulation(dataset: Dataset, devices: number, seed: number): Dataset {
  const { interactions } = dataset;
  const users = Array.from({ length: interactions.userCount }, (_, user) => user).filter(
    (user) => historyOf(interactions, user).length >= minimumInteractions,
  );
  if (users.length < devices) {
    throw new CommandError(
      'input',
      `${dataset.name} has ${users.length} users with at least ${minimumInteractions} interactions; ` +
        `expected one for each of the ${devices} devices.`,
      { advice: `Run it with --devices ${users.length} or fewer, or on other data.` },
    );
  }
  const random = seededRandom(seed);
  for (let index = 0; index < devices; index++) {
    const other = index + random.below(users.length - index);
    [users[index], users[other]] = [users[other], users[index]];
  }
  const drawn = users.slice(0, devices).sort((a, b) => a - b);
  return {
    ...dataset,
    userIds: drawn.map((user) => dataset.userIds[user]),
    interactions: rowsOf(interactions, drawn),
  };
}

function rowsOf(interactions: Interactions, users: readonly number[]): Interactions {
  const histories = users.map((user) => historyOf(interactions, user));
  const offsets = new Uint32Array(users.length + 1);
  histories.forEach((history, index) => {
    offsets[index + 1] = offsets[index] + history.length;
  });
  const items = new Uint32Array(offsets[users.length]);
  histories.forEach((history, index) => void items.set(history, offsets[index]));
  return { userCount: users.length, itemCount: interactions.itemCount, offsets, items };
}

/** From rows in any order to compressed rows: each user's items, oldest first, each once. */
import type { Interactions } from './dataset.ts';

/** Rows as they come, in typed columns that grow. */
export interface InteractionRows {
  readonly count: number;
  /** @param time any number that orders a user's rows; equal ones keep the order in which they were added */
  add(user: number, item: number, time: number): void;
  /** Gives every user another index. @param newIndex [users] */
  renumberUsers(newIndex: Uint32Array): void;
  /** The rows in compressed form; of a pair that occurs more than once the latest stands. */
  compress(userCount: number, itemCount: number): Interactions;
}

export function interactionRows(): InteractionRows {
  let capacity = 1024;
  let users = new Uint32Array(capacity);
  let items = new Uint32Array(capacity);
  let times = new Float64Array(capacity);
  let count = 0;

  function grow(): void {
    capacity *= 2;
    const [oldUsers, oldItems, oldTimes] = [users, items, times];
    users = new Uint32Array(capacity);
    items = new Uint32Array(capacity);
    times = new Float64Array(capacity);
    users.set(oldUsers);
    items.set(oldItems);
    times.set(oldTimes);
  }

  return {
    get count() {
      return count;
    },
    add(user, item, time) {
      if (count === capacity) grow();
      users[count] = user;
      items[count] = item;
      times[count] = time;
      count++;
    },
    renumberUsers(newIndex) {
      for (let row = 0; row < count; row++) users[row] = newIndex[users[row]];
    },
    compress: (userCount, itemCount) =>
      compressRows(
        { users: users.subarray(0, count), items: items.subarray(0, count), times: times.subarray(0, count) },
        userCount,
        itemCount,
      ),
  };
}

interface Columns {
  readonly users: Uint32Array;
  readonly items: Uint32Array;
  readonly times: Float64Array;
}

function compressRows({ users, items, times }: Columns, userCount: number, itemCount: number): Interactions {
  // Counting sort by user, which keeps the order of the rows; then each user's rows by time.
  const starts = new Uint32Array(userCount + 1);
  for (const user of users) starts[user + 1]++;
  for (let user = 0; user < userCount; user++) starts[user + 1] += starts[user];
  const next = starts.slice(0, userCount);
  const order = new Uint32Array(users.length);
  for (let row = 0; row < users.length; row++) order[next[users[row]]++] = row;

  const offsets = new Uint32Array(userCount + 1);
  const kept = new Uint32Array(users.length);
  // The user, plus one, in whose rows an item was last met.
  const metBy = new Uint32Array(itemCount);
  let length = 0;
  for (let user = 0; user < userCount; user++) {
    const rows = order.subarray(starts[user], starts[user + 1]);
    rows.sort((a, b) => times[a] - times[b] || a - b);
    const from = length;
    for (let i = rows.length - 1; i >= 0; i--) {
      const item = items[rows[i]];
      if (metBy[item] === user + 1) continue;
      metBy[item] = user + 1;
      kept[length++] = item;
    }
    kept.subarray(from, length).reverse();
    offsets[user + 1] = length;
  }
  return { userCount, itemCount, offsets, items: kept.slice(0, length) };
}

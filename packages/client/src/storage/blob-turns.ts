/**
 * Turns of those who write blobs or clear them away. A blob is named by a record, and neither is written with the other at once: who
 * clears away in between, by the records that are there, would take the blob of a record that is about to be written.
 */
import type { Storage } from './storage.ts';

const last = new WeakMap<Storage, Promise<unknown>>();

/**
 * Runs alone among all that go through here on this storage, in the order of the calls; where tabs share it and have Web Locks, alone
 * among the tabs too. Work that fails holds nobody up. Not to be called from within such work, which would wait for itself.
 */
export function inBlobTurn<Result>(storage: Storage, work: () => Promise<Result>): Promise<Result> {
  const turn = (last.get(storage) ?? Promise.resolve()).then(() => aloneAmongTabs(storage.sharedAs, work));
  last.set(
    storage,
    turn.catch(() => {}),
  );
  return turn;
}

function aloneAmongTabs<Result>(name: string | undefined, work: () => Promise<Result>): Promise<Result> {
  const locks = globalThis.navigator?.locks;
  if (name === undefined || !locks) return work();
  return locks.request(`${name}/blobs`, work) as Promise<Result>;
}

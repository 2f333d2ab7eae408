/** Phases 3a, 4 and 4b: lists of neighbours and boxes of shares are taken, and passed on once it is known who dealt. */
import { bitmapOf, indexList, indicesOf } from '../bitmap.ts';
import { SecureAggregationError } from '../error.ts';
import { neighboursFrame } from '../frames.ts';
import type { NeighboursMessage, SharesMessage } from '../messages.ts';
import { shareBoxBytes } from '../share-box.ts';
import { type CoordinatorMessage, expectLength, neighboursOf, outOf, type RosterTable } from './tables.ts';

/** @throws SecureAggregationError */
export function receiveNeighbours(table: RosterTable, index: number, message: NeighboursMessage): void {
  const { roster, graph, drawn } = table;
  const out = indicesOf(message.neighbours, roster.entries.length, 'The list of neighbours');
  if (out.length !== graph.degree || out.includes(index)) {
    throw new SecureAggregationError(
      'malformed',
      `A device draws ${graph.degree} neighbours other than itself; ${out.length} were named.`,
    );
  }
  const frame = neighboursFrame(roster.rosterHash, index, message.neighbours);
  if (!table.verify(message.signature, frame, roster.entries[index].identity)) {
    throw new SecureAggregationError('bad-signature', 'The list of neighbours is not signed for this roster.');
  }
  drawn.set(index, { out, message });
}

/** Who drew whom, once drawing has ended. */
export function invertLists(table: RosterTable): void {
  const lists = new Map<number, number[]>();
  for (const index of [...table.drawn.keys()].sort((a, b) => a - b)) {
    for (const neighbour of outOf(table, index)) {
      const list = lists.get(neighbour);
      if (list) list.push(index);
      else lists.set(neighbour, [index]);
    }
  }
  for (const index of table.drawn.keys()) table.inNeighbours.set(index, lists.get(index) ?? []);
}

/** @throws SecureAggregationError 'malformed' */
export function receiveShares(table: RosterTable, index: number, message: SharesMessage): void {
  expectLength(message.boxes, shareBoxBytes * outOf(table, index).length, 'The list of boxes');
  table.dealt.set(index, message);
}

/**
 * The one set A: dealers with enough dealing neighbours. Who lacks them cannot go on, which may cost others theirs.
 * Fills `masked`; returns those that were left out.
 */
export function closeSharing(table: RosterTable): readonly number[] {
  const dealers = new Set(table.dealt.keys());
  const excluded: number[] = [];
  for (let changed = true; changed; ) {
    changed = false;
    for (const index of dealers) {
      if (holdersAmong(table, index, dealers) >= table.graph.threshold) continue;
      dealers.delete(index);
      excluded.push(index);
      changed = true;
    }
  }
  for (const index of dealers) {
    table.masked.set(
      index,
      neighboursOf(table, index).filter((neighbour) => dealers.has(neighbour)),
    );
  }
  return excluded;
}

/** Out-neighbours in the set: those that can open the device's secrets. */
export function holdersAmong(table: RosterTable, index: number, set: { has(index: number): boolean }): number {
  let holders = 0;
  for (const neighbour of outOf(table, index)) if (set.has(neighbour)) holders += 1;
  return holders;
}

/** Phase 4b for one device of A. */
export function dealtFor(table: RosterTable, index: number): CoordinatorMessage {
  const masked = table.masked.get(index) ?? [];
  const dealers = (table.inNeighbours.get(index) ?? []).filter((neighbour) => table.masked.has(neighbour));
  const boxes = new Uint8Array(shareBoxBytes * dealers.length);
  dealers.forEach((dealer, place) => {
    const at = shareBoxBytes * placeIn(outOf(table, dealer), index);
    const dealt = table.dealt.get(dealer);
    if (dealt) boxes.set(dealt.boxes.subarray(at, at + shareBoxBytes), shareBoxBytes * place);
  });
  return {
    name: 'dealt',
    message: { neighbours: bitmapOf(masked, table.roster.entries.length), dealers: indexList(dealers), boxes },
  };
}

/** Place in an ascending list, by bisection; -1 where it is not. */
export function placeIn(list: readonly number[], index: number): number {
  let [low, high] = [0, list.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (list[middle] === index) return middle;
    if (list[middle] < index) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

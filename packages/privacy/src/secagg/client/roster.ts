/** Phases 2 and 3a: the roster is checked, and the device draws the neighbours that will hold shares of its secrets. */
import { compareBytes, equalBytes } from '../../bytes/compare.ts';
import { sign } from '../../identity/index.ts';
import type { SecureRandom } from '../../random/secure-random.ts';
import { indexList } from '../bitmap.ts';
import { SecureAggregationError } from '../error.ts';
import { neighboursFrame } from '../frames.ts';
import { checkGraph, drawNeighbours, graphOf } from '../graph.ts';
import type { RosterMessage } from '../messages.ts';
import type { Roster, RosterEntry } from '../roster.ts';
import type { DeviceTransition, KeyedDevice, RosteredDevice } from './state.ts';

/** @throws SecureAggregationError */
export function receiveRoster(
  state: KeyedDevice,
  message: RosterMessage,
  random: SecureRandom,
): DeviceTransition<RosteredDevice> {
  const { round, policy, identity, verify, readRoster } = state;
  const roster = readRoster(round, message, verify);
  const n = roster.entries.length;
  const index = ownIndex(roster, state);
  const graph = graphOf(round, n);
  checkGraph(graph, n, policy);
  const out = graph.full ? others(n, index) : drawNeighbours(n, graph.degree, index, random);
  const next: RosteredDevice = { ...state, phase: 'rostered', roster, index, graph, out };
  if (graph.full) return { state: next, effects: [] };
  const neighbours = indexList(out);
  const signature = sign(neighboursFrame(roster.rosterHash, index, neighbours), identity.secretKey);
  return { state: next, effects: [{ kind: 'send', name: 'neighbours', message: { neighbours, signature } }] };
}

/** Everybody but the device, ascending. */
export function others(n: number, index: number): number[] {
  return Array.from({ length: n - 1 }, (_, i) => (i < index ? i : i + 1));
}

function ownIndex({ entries }: Roster, { identity, keys }: KeyedDevice): number {
  const index = placeOf(entries, identity.publicKey);
  const own = entries[index];
  if (
    own === undefined ||
    !equalBytes(own.shareKey, keys.shareKey) ||
    !equalBytes(own.maskKey, keys.maskKey) ||
    !equalBytes(own.signature, keys.signature)
  ) {
    throw new SecureAggregationError(
      'roster-invalid',
      'The roster does not hold this device with the keys that it sent.',
    );
  }
  return index;
}

/** By bisection; -1 where it is not. */
function placeOf(entries: readonly RosterEntry[], identity: Uint8Array): number {
  let [low, high] = [0, entries.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const order = compareBytes(entries[middle].identity, identity);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

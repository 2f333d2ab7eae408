/** Phases 3b and 4: neighbours are checked, and shares of the device's two secrets are dealt to those that it drew. */
import { revealSecret, type SecretKey, secretKey } from '../../identity/index.ts';
import { identityLeaf, verifyInclusion } from '../../identity-log/index.ts';
import type { SecureRandom } from '../../random/secure-random.ts';
import { indicesOf } from '../bitmap.ts';
import { agreeOnShares, shareBoxKey } from '../derivations.ts';
import { SecureAggregationError } from '../error.ts';
import { neighboursFrame } from '../frames.ts';
import type { NeighbourKeysMessage } from '../messages.ts';
import { checkEntry } from '../roster.ts';
import { dealShares } from '../shamir/index.ts';
import { sealShares, shareBoxBytes } from '../share-box.ts';
import { others } from './roster.ts';
import type { DealtDevice, DeviceTransition, RosteredDevice } from './state.ts';

const signatureBytes = 64;

/** @throws SecureAggregationError */
export function receiveNeighbourKeys(
  state: RosteredDevice,
  message: NeighbourKeysMessage,
  random: SecureRandom,
): DeviceTransition<DealtDevice> {
  const inNeighbours = state.graph.full ? wholeRoster(state, message) : inNeighboursOf(state, message);
  checkRegistered(state, message);
  for (const neighbour of union(state.out, inNeighbours))
    checkEntry(state.round, state.roster.entries[neighbour], state.verify);
  return deal(
    { ...state, phase: 'dealt', in: inNeighbours, selfMask: secretKey(random.bytes(32)), agreed: new Map() },
    random,
  );
}

/** Ascending. */
export function union(a: readonly number[], b: readonly number[]): number[] {
  return [...new Set([...a, ...b])].sort((x, y) => x - y);
}

function wholeRoster(state: RosteredDevice, { inNeighbours, lists }: NeighbourKeysMessage): readonly number[] {
  const n = state.roster.entries.length;
  const named = indicesOf(inNeighbours, n, 'The list of in-neighbours');
  if (named.length !== n - 1 || named.includes(state.index) || lists.length !== 0) {
    throw new SecureAggregationError('malformed', 'In the full graph everybody else is a neighbour, without lists.');
  }
  return others(n, state.index);
}

/** Each list is checked as its sender's own: k distinct indices, signed for this roster, with this device among them. */
function inNeighboursOf(state: RosteredDevice, { inNeighbours, lists }: NeighbourKeysMessage): readonly number[] {
  const { roster, graph, index, round, verify } = state;
  const n = roster.entries.length;
  const named = indicesOf(inNeighbours, n, 'The list of in-neighbours');
  if (named.length > round.inDegreeCap) {
    throw new SecureAggregationError(
      'too-many-in-neighbours',
      `${named.length} devices drew this one; above ${round.inDegreeCap} it leaves the round.`,
    );
  }
  const listBytes = 4 * graph.degree;
  const stride = listBytes + signatureBytes;
  if (lists.length !== stride * named.length) {
    throw new SecureAggregationError(
      'malformed',
      `Lists of ${named.length} in-neighbours have ${stride * named.length} bytes; got ${lists.length}.`,
    );
  }
  named.forEach((neighbour, place) => {
    const list = lists.subarray(stride * place, stride * place + listBytes);
    const drawn = indicesOf(list, n, 'The list of an in-neighbour');
    if (neighbour === index || drawn.includes(neighbour) || !drawn.includes(index)) {
      throw new SecureAggregationError('malformed', 'A device is named as in-neighbour that did not draw this one.');
    }
    const signature = lists.subarray(stride * place + listBytes, stride * (place + 1));
    const frame = neighboursFrame(roster.rosterHash, neighbour, list);
    if (!verify(signature, frame, roster.entries[neighbour].identity)) {
      throw new SecureAggregationError('bad-signature', "An in-neighbour's list is not signed by it for this roster.");
    }
  });
  return named;
}

function checkRegistered({ round, roster, out }: RosteredDevice, { proofs }: NeighbourKeysMessage): void {
  const { identityLog: log, population } = round;
  if (proofs.length !== (log ? out.length : 0)) {
    throw new SecureAggregationError(
      'unregistered',
      `${proofs.length} proofs of identity came for ${out.length} neighbours${log ? '' : ' that are pinned'}.`,
    );
  }
  if (!log) return;
  out.forEach((neighbour, place) => {
    const { index, path } = proofs[place];
    const leaf = identityLeaf(population, roster.entries[neighbour].identity);
    if (!verifyInclusion({ leaf, index, size: log.size, root: log.root, proof: path })) {
      throw new SecureAggregationError(
        'unregistered',
        "A neighbour's identity is not in the log that the round's description names.",
      );
    }
  });
}

function deal(state: DealtDevice, random: SecureRandom): DeviceTransition<DealtDevice> {
  const { roster, graph, index, out, shareSecret, maskSecret, selfMask } = state;
  const ofMaskKey = dealShares(revealSecret(maskSecret), graph.threshold, out.length, random);
  const ofSelfMask = dealShares(revealSecret(selfMask), graph.threshold, out.length, random);
  const own = roster.entries[index];
  const agreed = new Map<number, SecretKey>();
  const boxes = new Uint8Array(shareBoxBytes * out.length);
  out.forEach((neighbour, place) => {
    const recipient = roster.entries[neighbour].shareKey;
    const shared = agreeOnShares(shareSecret, recipient);
    agreed.set(neighbour, shared);
    const key = shareBoxKey(shared, roster.rosterHash, own.shareKey, recipient);
    const pair = { maskKey: ofMaskKey[place], selfMask: ofSelfMask[place] };
    boxes.set(sealShares(key, index, neighbour, pair, random), shareBoxBytes * place);
    for (const bytes of [key, pair.maskKey, pair.selfMask]) bytes.fill(0);
  });
  return { state: { ...state, agreed }, effects: [{ kind: 'send', name: 'shares', message: { boxes } }] };
}

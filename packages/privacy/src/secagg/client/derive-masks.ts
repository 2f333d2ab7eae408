/** Phases 4b and 5: the shares of others are opened, the masks derived, and the masked vector signed for. */
import { revealSecret, secretKey, sign } from '../../identity/index.ts';
import { bitmapMembers, bitmapOf, indexList, indicesOf } from '../bitmap.ts';
import { agreeOnShares, pairwiseMaskSeed, selfMaskCommitment, selfMaskSeed, shareBoxKey } from '../derivations.ts';
import { SecureAggregationError } from '../error.ts';
import { uploadFrame } from '../frames.ts';
import type { MaskSeed } from '../mask-vector.ts';
import type { DealtMessage, UploadStatement } from '../messages.ts';
import { openShares, shareBoxBytes } from '../share-box.ts';
import { union } from './neighbour-keys.ts';
import type { DealtDevice, DeviceTransition, HeldShares, ReadyDevice, UploadedDevice } from './state.ts';

/** @throws SecureAggregationError */
export function receiveDealt(state: DealtDevice, message: DealtMessage): DeviceTransition<ReadyDevice> {
  const { roster, graph, out } = state;
  const n = roster.entries.length;
  const masked = bitmapMembers(message.neighbours, n, 'The set of dealers');
  const verified = new Set(union(out, state.in));
  if (!masked.every((neighbour) => verified.has(neighbour))) {
    throw new SecureAggregationError('malformed', 'A device is named that is no verified neighbour of this one.');
  }
  const dealtTo = new Set(masked);
  const holders = out.filter((neighbour) => dealtTo.has(neighbour)).length;
  if (holders < graph.threshold) {
    throw new SecureAggregationError(
      'too-few-dealers',
      `${holders} of this device's ${out.length} neighbours are left; at least ${graph.threshold} are needed.`,
    );
  }
  const { held, unopened } = openAll(state, dealtTo, message);
  const next: ReadyDevice = { ...state, phase: 'ready', masked, held, unopened };
  return { state: next, effects: [{ kind: 'mask', masks: masksOf(next) }] };
}

/** A box that does not open is reported with the upload; the mask with its dealer stays, since the dealer has it too. */
function openAll(state: DealtDevice, dealtTo: ReadonlySet<number>, { dealers, boxes }: DealtMessage) {
  const { roster, index, shareSecret } = state;
  const named = indicesOf(dealers, roster.entries.length, 'The list of dealers');
  const expected = state.in.filter((neighbour) => dealtTo.has(neighbour));
  if (named.length !== expected.length || named.some((dealer, place) => dealer !== expected[place])) {
    throw new SecureAggregationError('malformed', 'The dealers are not the in-neighbours that dealt.');
  }
  if (boxes.length !== shareBoxBytes * named.length) {
    throw new SecureAggregationError(
      'malformed',
      `Boxes of ${named.length} dealers have ${shareBoxBytes * named.length} bytes; got ${boxes.length}.`,
    );
  }
  const held = new Map<number, HeldShares>();
  const unopened: number[] = [];
  const own = roster.entries[index].shareKey;
  named.forEach((dealer, place) => {
    const sender = roster.entries[dealer].shareKey;
    const shared = state.agreed.get(dealer) ?? agreeOnShares(shareSecret, sender);
    const key = shareBoxKey(shared, roster.rosterHash, sender, own);
    const pair = openShares(boxes.subarray(shareBoxBytes * place, shareBoxBytes * (place + 1)), key, dealer, index);
    key.fill(0);
    if (!pair) {
      unopened.push(dealer);
      return;
    }
    held.set(dealer, { maskKey: secretKey(pair.maskKey), selfMask: secretKey(pair.selfMask) });
    pair.maskKey.fill(0);
    pair.selfMask.fill(0);
  });
  return { held, unopened };
}

/** Its own mask, and one with each neighbour: the lower in the roster adds it, the higher subtracts. */
function masksOf({ roster, index, masked, maskSecret, selfMask }: ReadyDevice): readonly MaskSeed[] {
  const { entries, rosterHash } = roster;
  const own = entries[index].maskKey;
  return [
    { seed: selfMaskSeed(revealSecret(selfMask), rosterHash, own), sign: 1 },
    ...masked.map((neighbour): MaskSeed => {
      const other = entries[neighbour].maskKey;
      const [low, high] = index < neighbour ? [own, other] : [other, own];
      return { seed: pairwiseMaskSeed(maskSecret, other, rosterHash, low, high), sign: index < neighbour ? 1 : -1 };
    }),
  ];
}

/** @param vectorHash SHA-256 of the masked vector @throws SecureAggregationError 'malformed' */
export function signUpload(state: ReadyDevice, vectorHash: Uint8Array): DeviceTransition<UploadedDevice> {
  if (vectorHash.length !== 32) throw new SecureAggregationError('malformed', 'A SHA-256 has 32 bytes.');
  const { roster, index, masked, unopened, selfMask, identity } = state;
  const { rosterHash, entries } = roster;
  const commitment = selfMaskCommitment(revealSecret(selfMask), rosterHash);
  const neighbours = bitmapOf(masked, entries.length);
  const frame = uploadFrame(rosterHash, index, vectorHash, commitment, neighbours);
  const statement: UploadStatement = {
    commitment,
    neighbours,
    unopened: indexList(unopened),
    signature: sign(frame, identity.secretKey),
  };
  return { state: { ...state, phase: 'uploaded' }, effects: [{ kind: 'upload', statement }] };
}

/** Phase 6c: one share for each dealer, and never of both its secrets: of its self mask if it uploaded, else of its mask key. */
import { u32le } from '../../bytes/frame.ts';
import { revealSecret } from '../../identity/index.ts';
import { bitmapHas, bitmapLength, bitmapMembers, indicesOf } from '../bitmap.ts';
import { SecureAggregationError } from '../error.ts';
import { survivorsFrame } from '../frames.ts';
import type { AcknowledgementsMessage } from '../messages.ts';
import type { AcknowledgedDevice, DeviceTransition, RevealedDevice } from './state.ts';

/** u32le dealer | share */
export const revealedBytes = 36;

/** @throws SecureAggregationError */
export function receiveAcknowledgements(
  state: AcknowledgedDevice,
  message: AcknowledgementsMessage,
): DeviceTransition<RevealedDevice> {
  const valid = validAcknowledgements(state, message);
  if (valid < state.graph.threshold) {
    throw new SecureAggregationError(
      'too-few-acknowledgements',
      `${valid} of this device's neighbours say that it uploaded; at least ${state.graph.threshold} must.`,
    );
  }
  const { held, survivors, round, policy, identity, verify, readRoster, answered, roster } = state;
  const dealers = [...held.keys()].sort((a, b) => a - b);
  const shares = new Uint8Array(revealedBytes * dealers.length);
  dealers.forEach((dealer, place) => {
    const pair = held.get(dealer);
    if (!pair) return;
    shares.set(u32le(dealer), revealedBytes * place);
    shares.set(revealSecret(survivors.has(dealer) ? pair.selfMask : pair.maskKey), revealedBytes * place + 4);
  });
  return {
    state: { phase: 'revealed', round, policy, identity, verify, readRoster, answered },
    effects: [
      { kind: 'remember', what: 'revealed', rosterHash: roster.rosterHash },
      { kind: 'send', name: 'reveal', message: { shares } },
    ],
  };
}

/** Of out-neighbours that uploaded, as this device was shown, signed, with this device among the uploads. Others do not count. */
function validAcknowledgements(state: AcknowledgedDevice, message: AcknowledgementsMessage): number {
  const { roster, index, out, survivors, verify } = state;
  const { entries, rosterHash } = roster;
  const n = entries.length;
  const signers = indicesOf(message.signers, n, 'The list of signers');
  const half = bitmapLength(n);
  const stride = 2 * half + 64;
  if (message.acknowledgements.length !== stride * signers.length) {
    throw new SecureAggregationError(
      'malformed',
      `${signers.length} acknowledgements have ${stride * signers.length} bytes; got ${message.acknowledgements.length}.`,
    );
  }
  const holders = new Set(out.filter((neighbour) => survivors.has(neighbour)));
  return signers.filter((signer, place) => {
    if (!holders.has(signer)) return false;
    const bytes = message.acknowledgements.subarray(stride * place, stride * (place + 1));
    const [uploaded, dropped] = [bytes.subarray(0, half), bytes.subarray(half, 2 * half)];
    bitmapMembers(uploaded, n, 'An acknowledgement');
    bitmapMembers(dropped, n, 'An acknowledgement');
    if (!bitmapHas(uploaded, index) || bitmapHas(dropped, index)) return false;
    return verify(
      bytes.subarray(2 * half),
      survivorsFrame(rosterHash, signer, uploaded, dropped),
      entries[signer].identity,
    );
  }).length;
}

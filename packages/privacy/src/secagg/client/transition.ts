/** The device's transition function: `(state, event) -> {state, effects}`. Every phase is answered once. */
import { equalBytes } from '../../bytes/compare.ts';
import type { SecureRandom } from '../../random/secure-random.ts';
import { SecureAggregationError } from '../error.ts';
import { messageDigest } from '../message-digest.ts';
import { receiveSurvivors } from './acknowledge-survivors.ts';
import { receiveAcknowledgements } from './check-acknowledgements.ts';
import { receiveDealt, signUpload } from './derive-masks.ts';
import { receiveNeighbourKeys } from './neighbour-keys.ts';
import { receiveRoster } from './roster.ts';
import type { Answered, DeviceEvent, DeviceState, DeviceTransition } from './state.ts';
import { wipeDevice } from './wipe-round-secrets.ts';

/** The phase in which an event belongs. */
const phaseOf = {
  roster: 'keyed',
  neighbourKeys: 'rostered',
  dealt: 'dealt',
  masked: 'ready',
  survivors: 'uploaded',
  acknowledgements: 'acknowledged',
} as const satisfies Record<DeviceEvent['kind'], DeviceState['phase']>;

/**
 * The last event again has the effects that it had; an earlier one again has none. A device that fails leaves the round: its
 * state is to be wiped.
 *
 * @throws SecureAggregationError for whatever does not verify, comes out of phase, or differs from what came before
 */
export function deviceTransition(state: DeviceState, event: DeviceEvent, random: SecureRandom): DeviceTransition {
  const digest = event.kind === 'masked' ? event.vectorHash : messageDigest(event.kind, event.message);
  const before = state.answered.findIndex(({ kind }) => kind === event.kind);
  if (before >= 0) {
    if (!equalBytes(state.answered[before].digest, digest)) {
      throw new SecureAggregationError('inconsistent', `A second, different '${event.kind}' came in one round.`);
    }
    return { state, effects: before === state.answered.length - 1 ? state.answered[before].effects : [] };
  }
  if (state.phase !== phaseOf[event.kind]) {
    throw new SecureAggregationError('out-of-phase', `'${event.kind}' does not belong to the phase '${state.phase}'.`);
  }
  const { state: next, effects } = step(state, event, random);
  if (next.phase === 'revealed') wipeDevice(state);
  const answered: Answered = { kind: event.kind, digest: digest.slice(), effects };
  return { state: { ...next, answered: [...forgetMasks(state.answered), answered] }, effects };
}

function step(state: DeviceState, event: DeviceEvent, random: SecureRandom): DeviceTransition {
  if (event.kind === 'roster' && state.phase === 'keyed') return receiveRoster(state, event.message, random);
  if (event.kind === 'neighbourKeys' && state.phase === 'rostered') {
    return receiveNeighbourKeys(state, event.message, random);
  }
  if (event.kind === 'dealt' && state.phase === 'dealt') return receiveDealt(state, event.message);
  if (event.kind === 'masked' && state.phase === 'ready') return signUpload(state, event.vectorHash);
  if (event.kind === 'survivors' && state.phase === 'uploaded') return receiveSurvivors(state, event.message);
  if (event.kind === 'acknowledgements' && state.phase === 'acknowledged') {
    return receiveAcknowledgements(state, event.message);
  }
  throw new SecureAggregationError('out-of-phase', `'${event.kind}' does not belong to the phase '${state.phase}'.`);
}

/** Effects of the past are not repeated: seeds of masks need not be kept for it. */
function forgetMasks(answered: readonly Answered[]): readonly Answered[] {
  return answered.map((one) => (one.effects.length > 0 ? { ...one, effects: [] } : one));
}

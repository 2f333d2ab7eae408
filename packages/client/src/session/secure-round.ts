/** What a secure round's machine is given, and what it shows: from the descriptor, the agreement and its state. */
import { type DeviceState, hexToBytes, type SecureRound, type SecurityPolicy } from '@tributary/privacy';
import type { Content, RoundDescriptor } from '@tributary/protocol';
import type { SecureAgreement } from '../agreement/agreement.ts';
import { TributaryError } from '../errors/tributary-error.ts';
import type { TributaryEvents } from '../sdk/events.ts';
import { sectionEncodings } from '../training/index.ts';

type SecureMessageName = 'roster' | 'neighbourKeys' | 'dealt' | 'survivors' | 'acknowledgements';

/** A message of the coordinator in a secure round. */
export type SecureMessage = {
  [Name in SecureMessageName]: { readonly name: Name; readonly content: Content<Name> };
}[SecureMessageName];

/** What the machine needs of a description that was verified and agreed to. */
export function secureRoundOf(
  descriptor: RoundDescriptor,
  roundHash: string,
  coordinatorKey: Uint8Array,
  population: string,
): SecureRound {
  const { secure } = descriptor;
  if (secure === null) throw new TributaryError('policy', 'The round is not one of secure aggregation.');
  const { degree, threshold, inDegreeCap, rosterMaximum, corrupt, dropout, identityLog } = secure;
  return {
    roundHash: hexToBytes(roundHash),
    coordinatorKey,
    population,
    sections: sectionEncodings(descriptor).map(({ length, bits }) => ({ length, bits })),
    degree,
    threshold,
    inDegreeCap,
    minimum: descriptor.cohortMinimum,
    maximum: rosterMaximum,
    corrupt,
    dropout,
    identityLog,
  };
}

const tenThousandths = (fraction: number) => Math.round(10_000 * fraction);

/** The device's own assumptions; the descriptor's are the coordinator's. */
export function policyOf(agreement: SecureAgreement, { noisePlacement, secure }: RoundDescriptor): SecurityPolicy {
  // Noise is shared between as many honest devices: no sum of fewer may be opened.
  const counted = noisePlacement === 'distributed' ? (secure?.noise?.noises ?? 0) : 0;
  return {
    minimumRoster: agreement.minimumRoster,
    corrupt: tenThousandths(agreement.corrupt),
    security: agreement.security,
    openedFraction: tenThousandths(agreement.openedFraction),
    // Beside more than `openedFraction` of the roster, which has its minimum.
    openedMinimum: counted,
  };
}

/** Undefined before the roster, and once the round is forgotten. */
export function cohortOf(state: DeviceState, met: number | null): TributaryEvents['round']['secure'] {
  if (!('roster' in state)) return undefined;
  const { roster, graph } = state;
  const cohort = { cohort: roster.entries.length, neighbours: graph.degree, threshold: graph.threshold };
  return met === null ? cohort : { ...cohort, met };
}

/** From the invitation until uploads are refused; in a secure round they begin after three phases: keys, neighbours, shares. */
export function uploadMilliseconds({ collectionMilliseconds, secure }: RoundDescriptor): number {
  return collectionMilliseconds + 3 * (secure?.phaseMilliseconds ?? 0);
}

/** From then on: survivors, acknowledgements and reveals, a phase each, and some patience with the network. */
export function unmaskingMilliseconds({ secure }: RoundDescriptor): number {
  return 3 * (secure?.phaseMilliseconds ?? 0) + 30_000;
}

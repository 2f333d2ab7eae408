/** What this device agrees to, whatever the coordinator says: the host's choice over defaults that are strict. */
import type { RoundDescriptor } from '@tributary/protocol';
import { TributaryError } from '../errors/tributary-error.ts';
import { checkNoiseAgreement, defaultNoiseAgreement, type NoiseAgreement } from './noise-agreement.ts';

/** By an append-only log that anybody may mirror, or as they are met at first: then the operator's roster is trusted. */
export type IdentityMode = 'registry' | 'first-use';

/** What secure aggregation must promise this device. */
export interface SecureAgreement {
  /** Fewest devices of a roster; also what every opened sum is promised to hold. */
  readonly minimumRoster: number;
  /** Fraction of the roster's devices that may collude with the coordinator. */
  readonly corrupt: number;
  /** Statistical security of neighbours and threshold, in bits. */
  readonly security: number;
  /** Fraction of the roster's devices that every sum which can be opened must exceed, counting honest ones alone. */
  readonly openedFraction: number;
  /** Widths of the integers, within 8 to 32 bits. */
  readonly bits: { readonly minimum: number; readonly maximum: number };
  /** Longest time of one phase beside the uploads': so long may a lost round keep a device. */
  readonly maximumPhaseMilliseconds: number;
  /** How identities of the other devices may be known. */
  readonly identities: readonly IdentityMode[];
  /**
   * Contributions to one model version: with a second one, after a round that was abandoned, two sums that differ by few devices
   * may be compared. More is for experiments.
   */
  readonly contributionsPerVersion: number;
  /**
   * Rosters that this device enters in 24 hours: each is a fresh draw of neighbours for whoever would try them (at 2^20 draws 40
   * bits of security are 20). The default is one in five minutes.
   */
  readonly rostersPerDay: number;
}

/** What this device agrees to, whatever the coordinator says; a task or round that asks for more is refused. */
export interface Agreement {
  /** Fewest contributions that a round may release: with one alone, the next model would be a function of one person's data. */
  readonly minimumCohort: number;
  readonly clipNorm: {
    readonly minimum: number;
    readonly maximum: number;
    /** Whether a round without a clip norm is refused. */
    readonly required: boolean;
  };
  /**
   * Plans that this device takes part in: by default `secure` alone, where the coordinator sees a sum. `sealed` is weaker, the
   * coordinator sees each contribution, and has to be named here; a person who agreed without it is asked again.
   */
  readonly plans: readonly RoundDescriptor['plan'][];
  /** For rounds of the plan `secure`. */
  readonly secure: SecureAgreement;
  readonly noise: NoiseAgreement;
  readonly maximumModelBytes: number;
  readonly maximumCatalogueBytes: number;
  readonly maximumUploadBytes: number;
}

export const defaultAgreement: Agreement = {
  minimumCohort: 2,
  clipNorm: { minimum: 0, maximum: 1e9, required: false },
  plans: ['secure'],
  secure: {
    minimumRoster: 20,
    corrupt: 0.05,
    security: 40,
    openedFraction: 0.5,
    bits: { minimum: 8, maximum: 32 },
    maximumPhaseMilliseconds: 3_600_000,
    identities: ['registry'],
    contributionsPerVersion: 1,
    rostersPerDay: 288,
  },
  noise: defaultNoiseAgreement,
  maximumModelBytes: 268_435_456,
  maximumCatalogueBytes: 268_435_456,
  maximumUploadBytes: 268_435_456,
};

/** What a host may leave out. */
export type AgreementOptions = Partial<Omit<Agreement, 'secure' | 'noise'>> & {
  readonly secure?: Partial<SecureAgreement>;
  readonly noise?: Partial<NoiseAgreement>;
};

/**
 * Fills in the defaults.
 * @throws TributaryError 'invalid-option' for a bound that is not a number of its range
 */
export function agreementOf(options: AgreementOptions = {}): Agreement {
  const agreement = {
    ...defaultAgreement,
    ...options,
    secure: { ...defaultAgreement.secure, ...options.secure },
    noise: { ...defaultAgreement.noise, ...options.noise },
  };
  const { clipNorm } = agreement;
  const wrong = (what: string) => new TributaryError('invalid-option', `agreement.${what}.`);
  if (!Number.isSafeInteger(agreement.minimumCohort) || agreement.minimumCohort < 1) {
    throw wrong('minimumCohort must be a whole number of at least 1');
  }
  if (!(clipNorm.minimum >= 0 && clipNorm.maximum > 0 && clipNorm.minimum <= clipNorm.maximum)) {
    throw wrong('clipNorm must have 0 <= minimum <= maximum');
  }
  checkSecureAgreement(agreement.secure, wrong);
  checkNoiseAgreement(agreement.noise, wrong);
  for (const name of ['maximumModelBytes', 'maximumCatalogueBytes', 'maximumUploadBytes'] as const) {
    if (!(agreement[name] > 0)) throw wrong(`${name} must be a number of bytes above 0`);
  }
  return agreement;
}

const identityModes: readonly IdentityMode[] = ['registry', 'first-use'];

function checkSecureAgreement(secure: SecureAgreement, wrong: (what: string) => TributaryError): void {
  if (!Number.isSafeInteger(secure.minimumRoster) || secure.minimumRoster < 3) {
    throw wrong('secure.minimumRoster must be a whole number of at least 3');
  }
  for (const name of ['corrupt', 'openedFraction'] as const) {
    if (!(secure[name] >= 0 && secure[name] < 1))
      throw wrong(`secure.${name} must be a fraction, at least 0 and below 1`);
  }
  if (!(secure.security > 0 && secure.security <= 128))
    throw wrong('secure.security must be above 0 and at most 128 bits');
  const { minimum, maximum } = secure.bits;
  const widths = Number.isSafeInteger(minimum) && Number.isSafeInteger(maximum);
  if (!(widths && 8 <= minimum && minimum <= maximum && maximum <= 32)) {
    throw wrong('secure.bits must have 8 <= minimum <= maximum <= 32, whole numbers');
  }
  if (secure.identities.length === 0 || secure.identities.some((mode) => !identityModes.includes(mode))) {
    throw wrong(`secure.identities must name at least one of: ${identityModes.join(', ')}`);
  }
  if (!(secure.maximumPhaseMilliseconds > 0)) throw wrong('secure.maximumPhaseMilliseconds must be above 0');
  for (const name of ['contributionsPerVersion', 'rostersPerDay'] as const) {
    if (!(Number.isSafeInteger(secure[name]) && secure[name] >= 1)) {
      throw wrong(`secure.${name} must be a whole number of at least 1`);
    }
  }
}

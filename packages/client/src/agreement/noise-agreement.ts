/** What noise this device asks for. */
import type { NoisePlacement } from '@tributary/protocol';
import type { TributaryError } from '../errors/tributary-error.ts';

export interface NoiseAgreement {
  /** Where noise may be added; `none`: tasks without noise are taken part in too. */
  readonly placements: readonly (NoisePlacement | 'none')[];
  /** Least noise multiplier of a round with noise. */
  readonly minimumMultiplier: number;
  /**
   * How far the device's own account may pass the announced budget: rounds that are abandoned after something was sent count in it, and
   * not in the ledger, which is not charged before anybody is asked for shares.
   */
  readonly accountTolerance: number;
}

export const defaultNoiseAgreement: NoiseAgreement = {
  placements: ['distributed', 'central', 'local', 'none'],
  minimumMultiplier: 0,
  accountTolerance: 1.25,
};

/** @throws TributaryError as `wrong` makes it, for a bound out of its range */
export function checkNoiseAgreement(
  { placements, minimumMultiplier, accountTolerance }: NoiseAgreement,
  wrong: (what: string) => TributaryError,
): void {
  const known = defaultNoiseAgreement.placements;
  if (placements.length === 0 || placements.some((placement) => !known.includes(placement))) {
    throw wrong(`noise.placements must name at least one of: ${known.join(', ')}`);
  }
  if (!(minimumMultiplier >= 0 && minimumMultiplier < Number.POSITIVE_INFINITY)) {
    throw wrong('noise.minimumMultiplier must be a number of at least 0');
  }
  if (!(accountTolerance >= 1 && accountTolerance < Number.POSITIVE_INFINITY)) {
    throw wrong('noise.accountTolerance must be a number of at least 1');
  }
}

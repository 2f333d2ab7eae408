/** What a graph of neighbours is computed for. */
export interface GraphAssumptions {
  /** Fraction of corrupt devices (gamma), fixed before neighbours are drawn. */
  readonly corrupt: number;
  /** Fraction of devices lost between roster and reveal (delta). */
  readonly dropout: number;
  /** Statistical security in bits (sigma); 40. */
  readonly security?: number;
  /** Bits of completion: a round fails with 2^-completion where no more than `dropout` are lost (eta); 30. */
  readonly completion?: number;
  /** Fraction of honest devices that every opened sum exceeds (alpha); 0.5. */
  readonly alpha?: number;
}

/** Assumptions of one roster's size, filled in. */
export interface Counts {
  readonly n: number;
  /** floor(gamma n) */
  readonly corrupt: number;
  /** floor(delta n) */
  readonly lost: number;
  /** ln of the failure probability that secrecy allows: 2^-(sigma + 1) */
  readonly secrecy: number;
  /** ln of 2^-eta */
  readonly completion: number;
  readonly alpha: number;
}

export function countsOf(n: number, assumptions: GraphAssumptions): Counts {
  const { corrupt, dropout, security = 40, completion = 30, alpha = 0.5 } = assumptions;
  // A product like .29 x 100 must not fall below 29.
  const floor = (fraction: number) => Math.floor((fraction + 1e-14) * n);
  return {
    n,
    corrupt: floor(corrupt),
    lost: floor(dropout),
    secrecy: -(security + 1) * Math.LN2,
    completion: -completion * Math.LN2,
    alpha,
  };
}

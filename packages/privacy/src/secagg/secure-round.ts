/** What a secure round is about, from its signed descriptor: the same for every device and for the coordinator. */

export interface SecureRound {
  /** SHA-256 of the descriptor: protocol, task, round, model version, layout, plan, encoding, graph, cohort, log, nonce. */
  readonly roundHash: Uint8Array;
  /** Ed25519. */
  readonly coordinatorKey: Uint8Array;
  /** Identities belong to a population's log. */
  readonly population: string;
  /** Sections of the vector, each masked modulo 2^bits, bits in 8..32. */
  readonly sections: readonly { readonly length: number; readonly bits: number }[];
  /** Out-neighbours that each device draws and shares needed to open a secret; 0 and 0: the full graph, threshold by its rule. */
  readonly degree: number;
  readonly threshold: number;
  /** Most devices that may draw one device before it leaves. */
  readonly inDegreeCap: number;
  /** Fewest and most devices of the roster; also the fewest uploads that are opened. */
  readonly minimum: number;
  readonly maximum: number;
  /** Fractions of the roster in ten-thousandths: corrupt devices, and devices that may be lost. */
  readonly corrupt: number;
  readonly dropout: number;
  /** Size and root of the identity log; null where devices pin the identities they meet. */
  readonly identityLog: { readonly size: number; readonly root: Uint8Array } | null;
}

/** Neighbours and threshold at the roster's real size. */
export interface RosterGraph {
  readonly full: boolean;
  /** Out-neighbours of each device. */
  readonly degree: number;
  readonly threshold: number;
}

/** What a device asks for whatever the descriptor says (its own agreement). */
export interface SecurityPolicy {
  /** Smallest roster. */
  readonly minimumRoster: number;
  /** Fraction of corrupt devices against which the device wants to be safe, in ten-thousandths. */
  readonly corrupt: number;
  /** Statistical security in bits. */
  readonly security: number;
  /** Every opened sum must hold more than this fraction of a roster's devices, in ten-thousandths (alpha). */
  readonly openedFraction: number;
  /** Fewest honest inputs in a sum that can be opened. */
  readonly openedMinimum: number;
}

/**
 * What devices and coordinator say to one another in one secure round (docs/secure-aggregation.md), in the order of the phases.
 * Lists of indices are u32le, ascending; a bitmap of the roster has ceil(n / 8) bytes, index j = bit j & 7 of byte j >> 3, spare
 * bits zero. Who a message of a device comes from is known from its connection.
 */

/** Phase 1, device: fresh X25519 keys for shares (C) and for masks (S), signed by its identity. */
export interface KeysMessage {
  /** 32 bytes. */
  readonly shareKey: Uint8Array;
  /** 32 bytes. */
  readonly maskKey: Uint8Array;
  /** 64 bytes, over `keysFrame`. */
  readonly signature: Uint8Array;
}

/** Phase 2, coordinator: everybody's identity, share key, mask key and signature, ascending by identity. */
export interface RosterMessage {
  /** [n * 160] */
  readonly entries: Uint8Array;
  /** 64 bytes, the coordinator's over `rosterFrame`. */
  readonly signature: Uint8Array;
}

/** Phase 3a, device: the out-neighbours it drew. Not sent in the full graph. */
export interface NeighboursMessage {
  /** [k] u32le */
  readonly neighbours: Uint8Array;
  /** 64 bytes, over `neighboursFrame`. */
  readonly signature: Uint8Array;
}

/** That an identity is in the log whose root the round's descriptor names. */
export interface IdentityProof {
  /** Position of the leaf in the log. */
  readonly index: number;
  /** Concatenated 32-byte hashes. */
  readonly path: Uint8Array;
}

/** Phase 3b, coordinator: who drew the receiver, with their signed lists, and the log proofs of those the receiver drew. */
export interface NeighbourKeysMessage {
  /** Devices that drew the receiver: [m] u32le; everybody else, without lists, in the full graph. */
  readonly inNeighbours: Uint8Array;
  /** [m * (4 k + 64)]: list and signature of each; empty in the full graph. */
  readonly lists: Uint8Array;
  /** One for each out-neighbour of the receiver, in its order; empty where identities are pinned at first use. */
  readonly proofs: readonly IdentityProof[];
}

/** Phase 4, device: for each out-neighbour in order, the box of `share-box.ts`. */
export interface SharesMessage {
  /** [k * 112] */
  readonly boxes: Uint8Array;
}

/** Phase 4b, coordinator: which mask neighbours of the receiver dealt, and the boxes for it of those that drew it. */
export interface DealtMessage {
  /** Bitmap: the receiver's set A. */
  readonly neighbours: Uint8Array;
  /** In-neighbours in A: [m] u32le */
  readonly dealers: Uint8Array;
  /** [m * 112] */
  readonly boxes: Uint8Array;
}

/** Phase 5, device: what it says about its masked vector. The vector's SHA-256 and bytes travel as every upload does. */
export interface UploadStatement {
  /** SHA-256 of `selfMaskCommitmentFrame`, 32 bytes. */
  readonly commitment: Uint8Array;
  /** Bitmap: A as the device was told, the neighbours whose masks are in the vector. */
  readonly neighbours: Uint8Array;
  /** Dealers whose shares did not open: [..] u32le. Their masks stay in. */
  readonly unopened: Uint8Array;
  /** 64 bytes, over `uploadFrame`. */
  readonly signature: Uint8Array;
}

/** Phase 6a, coordinator: what became of the receiver's set A. */
export interface SurvivorsMessage {
  /** Bitmaps, a partition of A. */
  readonly uploaded: Uint8Array;
  readonly dropped: Uint8Array;
  /** For each uploaded, ascending: [SHA-256 of the vector 32 | commitment 32 | signature 64 | bitmap ceil(n / 8)]. */
  readonly statements: Uint8Array;
}

/** Phase 6b, device: the two sets it was shown and reveals by, signed. */
export interface AcknowledgementMessage {
  readonly uploaded: Uint8Array;
  readonly dropped: Uint8Array;
  /** 64 bytes, over `survivorsFrame`. */
  readonly signature: Uint8Array;
}

/** Phase 6b, coordinator: acknowledgements of the receiver's out-neighbours. */
export interface AcknowledgementsMessage {
  /** [m] u32le */
  readonly signers: Uint8Array;
  /** For each signer: [uploaded ceil(n / 8) | dropped ceil(n / 8) | signature 64]. */
  readonly acknowledgements: Uint8Array;
}

/** Phase 6c, device: one share for each dealer in A whose box opened; of its self mask if it uploaded, of its mask key if not. */
export interface RevealMessage {
  /** [m * 36]: u32le dealer | share 32, ascending */
  readonly shares: Uint8Array;
}

export interface DeviceMessages {
  readonly keys: KeysMessage;
  readonly neighbours: NeighboursMessage;
  readonly shares: SharesMessage;
  readonly acknowledge: AcknowledgementMessage;
  readonly reveal: RevealMessage;
}

export interface CoordinatorMessages {
  readonly roster: RosterMessage;
  readonly neighbourKeys: NeighbourKeysMessage;
  readonly dealt: DealtMessage;
  readonly survivors: SurvivorsMessage;
  readonly acknowledgements: AcknowledgementsMessage;
}

/**
 * The identity log of a population: every device's public key in the order in which it was first seen, append-only, as a Merkle
 * tree whose root the coordinator signs (docs/secure-aggregation.md). Devices check that their neighbours stand in it; whoever
 * mirrors it sees identities that were invented. It holds public keys and nothing else.
 */
import {
  bytesToHex,
  createIdentityLog,
  type Identity,
  type IdentityProof,
  identityLeaf,
  type SignedLogRoot,
  signLogRoot,
} from '@tributary/privacy';
import type { IdentityPort } from '../store/store.ts';
import { StoreError } from '../store/store-error.ts';

export interface PopulationLog {
  readonly population: string;
  /** Size and root as they are now. */
  head(): { readonly size: number; readonly root: Uint8Array };
  /** The same, signed. */
  signedRoot(): SignedLogRoot;
  /** Resolves when the identity is in the log, durably. @throws StoreError when it cannot be written */
  register(identity: Uint8Array): Promise<void>;
  /** That an identity stood in the log when it had that size; null when it did not. */
  proof(identity: Uint8Array, size: number): IdentityProof | null;
  /** How the log grew, concatenated hashes. @throws RangeError unless from <= to <= its size */
  consistency(from: number, to: number): Uint8Array;
  /** Identities from a position on, at most `count`. */
  page(from: number, count: number): readonly Uint8Array[];
}

interface Registration {
  readonly identity: Uint8Array;
  written(): void;
  failed(error: unknown): void;
}

/** @throws StoreError when the stored log cannot be read */
export async function openPopulationLog(
  port: IdentityPort,
  population: string,
  coordinator: Identity,
): Promise<PopulationLog> {
  const identities = [...(await port.list(population))];
  const leafOf = (identity: Uint8Array) => identityLeaf(population, identity);
  const log = createIdentityLog(identities.map(leafOf));
  /** By identity in hex: whoever waits for it to be written. */
  const awaited = new Map<string, Promise<void>>();
  let queue: Registration[] = [];
  let writing = false;
  let signed: SignedLogRoot | null = null;

  /** What was asked for meanwhile is written together: a thousand devices that come at once do not cost a thousand writes. */
  async function writeQueued(): Promise<void> {
    if (writing) return;
    writing = true;
    while (queue.length > 0) {
      const batch = queue;
      queue = [];
      try {
        await append(batch.map(({ identity }) => identity));
        for (const { written } of batch) written();
      } catch (error) {
        for (const { failed } of batch) failed(error);
      }
    }
    writing = false;
  }

  async function append(batch: readonly Uint8Array[]): Promise<void> {
    if (!(await port.append(population, identities.length, batch))) {
      throw new StoreError(
        'conflict',
        `Somebody else writes the identity log of population '${population}'; nothing was added. Start one coordinator only.`,
      );
    }
    for (const identity of batch) {
      identities.push(identity);
      log.append(leafOf(identity));
    }
  }

  return {
    population,
    head: () => ({ size: log.size, root: log.root() }),
    signedRoot() {
      if (signed?.size !== log.size) signed = signLogRoot(population, log, coordinator);
      return signed;
    },
    register(identity) {
      if (log.indexOf(leafOf(identity)) !== undefined) return Promise.resolve();
      const key = bytesToHex(identity);
      const before = awaited.get(key);
      if (before) return before;
      const registered = new Promise<void>((written, failed) => {
        queue.push({ identity: identity.slice(), written, failed });
      }).finally(() => awaited.delete(key));
      awaited.set(key, registered);
      void writeQueued();
      return registered;
    },
    proof(identity, size) {
      const index = log.indexOf(leafOf(identity));
      return index === undefined || index >= size ? null : { index, path: log.inclusionProof(index, size) };
    },
    consistency: (from, to) => log.consistencyProof(from, to),
    page: (from, count) => identities.slice(from, from + count),
  };
}

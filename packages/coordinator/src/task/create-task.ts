/** A new task: its document and catalogue become a recommender, a first signed version, and an open privacy budget. */

import { createRecommender, type Recommender } from '@tributary/model';
import { bytesToHex, type Identity, sha256 } from '@tributary/privacy';
import { recommenderSpecificationOf, type TaskDocument } from '@tributary/protocol';
import { openLedger } from '../ledger/ledger.ts';
import { signVersion } from '../registry/version.ts';
import { bytesOfFloats } from '../store/blobs.ts';
import type { CatalogueItem, Store } from '../store/store.ts';

/** The recommender of a task as the coordinator needs it: it takes steps and never trains, so no training backend. */
export function coordinatorRecommender(document: TaskDocument, itemCount: number): Recommender {
  const specification = recommenderSpecificationOf(document, itemCount);
  return createRecommender('backend' in specification ? { ...specification, backend: 'fused' } : specification);
}

/** Bytes of a catalogue, as devices download and hash it. */
export function catalogueBytes(items: readonly CatalogueItem[]): Uint8Array {
  const plain = items.map(({ id, title, attributes, description }) => ({ id, title, attributes, description }));
  return new TextEncoder().encode(JSON.stringify(plain));
}

/** Number of items of a stored catalogue. */
export function catalogueItems(bytes: Uint8Array): CatalogueItem[] {
  return JSON.parse(new TextDecoder().decode(bytes)) as CatalogueItem[];
}

/**
 * Writes a task with its first version into the store; it runs from the coordinator's next look at it.
 * @throws StoreError 'conflict' when it exists; LedgerError when its population has another budget or delta
 */
export async function createTask(options: {
  readonly store: Store;
  readonly identity: Identity;
  readonly document: TaskDocument;
  readonly catalogue: readonly CatalogueItem[];
  readonly now: () => number;
}): Promise<void> {
  const { store, identity, document, catalogue, now } = options;
  const { noise } = document.privacy;
  if (noise) {
    await openLedger({
      port: store.ledger,
      population: document.population,
      budget: noise.budget,
      delta: noise.delta,
      signer: identity,
      now,
    });
  }
  const recommender = coordinatorRecommender(document, catalogue.length);
  const parameters = recommender.initialise(document.seed);
  const bytes = catalogueBytes(catalogue);
  const catalogueHash = bytesToHex(sha256(bytes));
  const version = signVersion(
    {
      task: document.task,
      round: 0,
      parent: null,
      layoutHash: recommender.layout.hash,
      parametersHash: bytesToHex(sha256(bytesOfFloats(parameters))),
      parameterBytes: parameters.byteLength,
      catalogueHash,
      epsilon: noise ? 0 : null,
      delta: noise ? noise.delta : null,
    },
    identity,
  );
  await store.createTask({ document, catalogue: bytes, catalogueHash, createdAt: now(), version, parameters });
}

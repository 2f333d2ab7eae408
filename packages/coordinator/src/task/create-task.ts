/** A new task: its document and catalogue become a recommender, a first signed version, and an open privacy budget. */

import { createRecommender, type Recommender, type RecommenderOptions } from '@tributary/model';
import { bytesToHex, type Identity, sha256 } from '@tributary/privacy';
import {
  maximumTransferBytes,
  payloadSections,
  recommenderSpecificationOf,
  type TaskDocument,
} from '@tributary/protocol';
import { ledgerOf } from '../ledger/population-ledger.ts';
import { parametersHash, signVersion } from '../registry/version.ts';
import { withCalibratedNoise } from '../release/calibrate-noise.ts';
import { securePlanOf } from '../round/secure-plan.ts';
import { refuseMixedPopulation } from '../store/population-conflict.ts';
import type { CatalogueItem, Store } from '../store/store.ts';
import { StoreError } from '../store/store-error.ts';
import { refuseSamplingClaim } from './refuse-sampling-claim.ts';

/**
 * The recommender of a task as the coordinator needs it: it takes steps and never trains, so no training backend.
 * @param items of the catalogue; steps and first parameters may depend on them
 * @param texts encodings of the items' texts, on which steps of a model that sees texts depend, and for those who score by what devices
 *   train of an encoder the encoder too
 */
export function coordinatorRecommender(
  document: TaskDocument,
  itemCount: number,
  items?: readonly CatalogueItem[],
  texts: Pick<RecommenderOptions, 'encodings' | 'encoder'> = {},
): Recommender {
  const specification = recommenderSpecificationOf(document, itemCount);
  return createRecommender('backend' in specification ? { ...specification, backend: 'fused' } : specification, {
    items,
    ...texts,
  });
}

/** Whether the coordinator needs encodings of the catalogue's texts to take the task's steps. */
export function seesTexts({ model }: Pick<TaskDocument, 'model'>): boolean {
  return model.kind === 'hybrid' && model.plan === 'public-items' && model.features.text;
}

/** Bytes of a catalogue, as devices download and hash it. */
export function catalogueBytes(items: readonly CatalogueItem[]): Uint8Array {
  const plain = items.map(({ id, title, attributes, description }) => ({ id, title, attributes, description }));
  return new TextEncoder().encode(JSON.stringify(plain));
}

/** The items of a stored catalogue. */
export function catalogueItems(bytes: Uint8Array): CatalogueItem[] {
  return JSON.parse(new TextDecoder().decode(bytes)) as CatalogueItem[];
}

/**
 * Writes a task with its first version into the store; it runs from the coordinator's next look at it.
 * @throws StoreError 'conflict' when it exists; SecurePlanError when no secure round could be run; NoisePlanError when its noise
 *   cannot be had or claims sampling; LedgerError when its population has another budget or delta
 */
export async function createTask(options: {
  readonly store: Store;
  readonly identity: Identity;
  readonly document: TaskDocument;
  readonly catalogue: readonly CatalogueItem[];
  readonly now: () => number;
}): Promise<void> {
  const { store, identity, catalogue, now } = options;
  const document = withCalibratedNoise(options.document);
  const { noise } = document.privacy;
  refuseSamplingClaim(document);
  await refuseConflicts(store, document);
  const recommender = coordinatorRecommender(document, catalogue.length, catalogue);
  const uploadBytes = 4 * (recommender.contributionLayout.size + 64);
  if (Math.max(uploadBytes, 4 * recommender.layout.size) > maximumTransferBytes) {
    throw new StoreError(
      'conflict',
      `A model of ${recommender.layout.size} numbers is more than a transfer may hold (${maximumTransferBytes} bytes). Lower model.dimension, or use a smaller catalogue.`,
    );
  }
  if (document.privacy.plan === 'secure') {
    securePlanOf(document, payloadSections(recommender.contributionLayout.size, document.evaluation.federated));
  }
  const ledger = await ledgerOf(store.ledger, identity, document, now);
  const spend = ledger ? await ledger.spend() : null;
  const parameters = recommender.initialise(document.seed);
  const bytes = catalogueBytes(catalogue);
  const catalogueHash = bytesToHex(sha256(bytes));
  const version = signVersion(
    {
      task: document.task,
      round: 0,
      parent: null,
      layoutHash: recommender.layout.hash,
      parametersHash: parametersHash(parameters),
      parameterBytes: parameters.byteLength,
      catalogueHash,
      epsilon: spend ? spend.epsilon : null,
      delta: noise ? noise.delta : null,
    },
    identity,
  );
  await store.createTask({ document, catalogue: bytes, catalogueHash, createdAt: now(), version, parameters });
}

/** Before anything is written: the name is free, and all tasks on one population add noise, or none does. */
async function refuseConflicts(store: Store, document: TaskDocument): Promise<void> {
  const tasks = await store.tasks();
  const { task } = document;
  if (tasks.some(({ id }) => id === task)) {
    throw new StoreError(
      'conflict',
      `A task '${task}' exists already. Choose another name, or stop and keep the old one.`,
    );
  }
  refuseMixedPopulation(
    tasks.map((other) => other.document),
    document,
  );
}

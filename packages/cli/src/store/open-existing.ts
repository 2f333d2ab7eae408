/** Stores that must be there already, and what is in them. */
import {
  catalogueItems,
  coordinatorRecommender,
  loadVerifiedParameters,
  openStore,
  type Store,
  type TaskRecord,
  type VersionRecord,
} from '@tributary/coordinator';
import type { Item, Recommender, RecommenderOptions } from '@tributary/model';
import type { TaskDocument } from '@tributary/protocol';
import { CommandError } from '../exit/command-error.ts';

/** Opens a store that exists, for one piece of work, and closes it whatever happens. @throws StoreError */
export async function withStore<Result>(folder: string, work: (store: Store) => Promise<Result>): Promise<Result> {
  const store = await openStore(folder, { create: false });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** @throws CommandError `input` that names the tasks that there are */
export async function taskOf(store: Store, id: string): Promise<TaskRecord> {
  const record = await store.task(id);
  if (record) return record;
  const known = (await store.tasks()).map((task) => task.id);
  throw new CommandError('input', `The store has no task '${id}'.`, {
    advice:
      known.length > 0
        ? `It has: ${known.join(', ')}.`
        : 'It has no task at all: create one by `tributary task create`.',
  });
}

/** The version of a task by its hash, or the one in force. @throws CommandError `input` for one that the task does not have */
export async function versionOf(store: Store, task: TaskRecord, hash = task.currentVersion): Promise<VersionRecord> {
  const record = await store.version(hash);
  if (record && record.version.task === task.id) return record;
  throw new CommandError('input', `Task '${task.id}' has no version ${hash}.`, {
    advice: `\`tributary model list --task ${task.id} --store FOLDER\` lists them.`,
  });
}

/**
 * What a recommendation needs of one version, its texts where it reads any, its signature and hashes verified.
 * @throws RegistryError 'forged', 'damaged'; StoreError 'damaged'; CommandError `store` where bytes are missing
 */
export async function loadModel(
  store: Store,
  task: TaskRecord,
  { version }: VersionRecord,
  coordinatorKey: Uint8Array,
  textsFor: (
    document: TaskDocument,
    items: readonly Item[],
  ) => Promise<Pick<RecommenderOptions, 'encodings' | 'encoder'>>,
): Promise<{ recommender: Recommender; parameters: Float32Array; items: readonly Item[] }> {
  const parameters = await loadVerifiedParameters(store, version, coordinatorKey);
  const catalogue = await store.catalogue(version.catalogueHash);
  if (!catalogue) {
    throw new CommandError('store', `The store ${store.location} lacks the catalogue of version ${version.hash}.`, {
      advice: 'It is damaged: restore a copy.',
    });
  }
  const items = catalogueItems(catalogue);
  const texts = await textsFor(task.document, items);
  const recommender = coordinatorRecommender(task.document, items.length, items, texts);
  return { recommender, parameters, items };
}

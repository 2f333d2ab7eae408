/** Stores that must be there already, and what is in them. */
import { openStore, type Store, type TaskRecord, type VersionRecord } from '@tributary/coordinator';
import { createRecommender, type Item, type Recommender } from '@tributary/model';
import { recommenderSpecificationOf } from '@tributary/protocol';
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

/** What a recommendation needs of one version. */
export async function loadModel(
  store: Store,
  task: TaskRecord,
  version: VersionRecord,
): Promise<{ recommender: Recommender; parameters: Float32Array; items: readonly Item[] }> {
  const catalogue = await store.catalogue(version.version.catalogueHash);
  const parameters = await store.parameters(version.version.parametersHash);
  if (!catalogue || !parameters) {
    throw new CommandError('store', `The store ${store.location} lacks the bytes of version ${version.version.hash}.`, {
      advice: 'It is damaged: restore a copy.',
    });
  }
  const items = JSON.parse(new TextDecoder().decode(catalogue)) as readonly Item[];
  const recommender = createRecommender(recommenderSpecificationOf(task.document, items.length));
  return { recommender, parameters, items };
}

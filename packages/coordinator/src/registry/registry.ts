/** Model management over a store, with or without a running coordinator: list, load, export, import, roll back. */

import type { ParameterLayout } from '@tributary/model';
import { type NamedTensor, readSafetensors, writeSafetensors } from '@tributary/model';
import { bytesToHex, type Identity } from '@tributary/privacy';
import type { ModelVersion } from '@tributary/protocol';
import { ledgerOf } from '../ledger/population-ledger.ts';
import type { Store, TaskRecord, VersionRecord } from '../store/store.ts';
import { catalogueItems, coordinatorRecommender } from '../task/create-task.ts';
import { RegistryError } from './registry-error.ts';
import { checkParameters, parametersHash, signVersion, verifyVersion } from './version.ts';

/** Key of the signed manifest (JSON, the signature in hex) in an exported file's metadata. */
export const manifestKey = 'tributary.version';

/** Versions of a task, oldest first. @throws RegistryError 'unknown-task' */
export async function listVersions(store: Store, task: string): Promise<readonly VersionRecord[]> {
  return store.versions((await taskRecord(store, task)).id);
}

/** Parameters of a version [layout.size], its signature and their hash verified. @throws RegistryError 'forged', 'damaged' */
export async function loadVerifiedParameters(
  store: Store,
  version: ModelVersion,
  coordinatorKey: Uint8Array,
): Promise<Float32Array> {
  const forgery = verifyVersion(version, coordinatorKey);
  if (forgery) {
    throw new RegistryError(
      'forged',
      `Version ${version.hash} is not to be trusted: ${forgery}. Use the coordinator.key that belongs to this store, or restore a backup.`,
    );
  }
  const parameters = await store.parameters(version.parametersHash);
  const damage = parameters ? checkParameters(version, parameters) : 'its parameters are missing';
  if (!parameters || damage) {
    throw new RegistryError('damaged', `Version ${version.hash} in the store is damaged: ${damage}. Restore a backup.`);
  }
  return parameters;
}

/**
 * A version as a safetensors file: one tensor for each of the layout's, the signed manifest in the metadata.
 * @throws RegistryError 'unknown-task', 'unknown-version', 'forged', 'damaged'
 */
export async function exportVersion(
  store: Store,
  task: string,
  versionHash: string | 'current',
  coordinatorKey: Uint8Array,
): Promise<Uint8Array> {
  const record = await taskRecord(store, task);
  const version = await versionOfTask(store, record, versionHash === 'current' ? record.currentVersion : versionHash);
  const parameters = await loadVerifiedParameters(store, version, coordinatorKey);
  const layout = await layoutOf(store, record);
  const manifest = JSON.stringify({ ...version, signature: bytesToHex(version.signature) });
  return writeSafetensors({
    tensors: layout.tensors.map(({ name, shape, offset, size }) => ({
      name,
      shape,
      values: parameters.subarray(offset, offset + size),
    })),
    metadata: { format: 'tributary', [manifestKey]: manifest },
  });
}

/**
 * Puts the tensors of a safetensors file in force as a new signed version; server optimizer moments start afresh.
 * @throws SafetensorsError; RegistryError 'unknown-task', 'wrong-layout'; StoreError 'conflict' when another was faster
 */
export async function importVersion(
  store: Store,
  identity: Identity,
  task: string,
  bytes: Uint8Array,
  now: () => number,
): Promise<ModelVersion> {
  const record = await taskRecord(store, task);
  const parameters = laidOut(await layoutOf(store, record), readSafetensors(bytes).tensors);
  return publishReplacement(store, identity, record, { parameters, round: 0, origin: 'import' }, now);
}

/**
 * Puts an old version's parameters in force again, as a new signed version. The privacy spend stays the current one: what was
 * learned from the people is not unlearned.
 * @throws RegistryError 'unknown-task', 'unknown-version', 'forged', 'damaged'; StoreError 'conflict' when another was faster
 */
export async function rollbackVersion(
  store: Store,
  identity: Identity,
  task: string,
  versionHash: string,
  now: () => number,
): Promise<ModelVersion> {
  const record = await taskRecord(store, task);
  const old = await versionOfTask(store, record, versionHash);
  const parameters = await loadVerifiedParameters(store, old, identity.publicKey);
  return publishReplacement(store, identity, record, { parameters, round: old.round, origin: 'rollback' }, now);
}

async function publishReplacement(
  store: Store,
  identity: Identity,
  task: TaskRecord,
  replacement: {
    readonly parameters: Float32Array;
    readonly round: number;
    readonly origin: 'import' | 'rollback';
  },
  now: () => number,
): Promise<ModelVersion> {
  const { parameters, round, origin } = replacement;
  const current = await versionOfTask(store, task, task.currentVersion);
  const ledger = await ledgerOf(store.ledger, identity, task.document, now);
  const spend = ledger ? await ledger.spend() : null;
  const version = signVersion(
    {
      task: task.id,
      round,
      parent: current.hash,
      layoutHash: current.layoutHash,
      parametersHash: parametersHash(parameters),
      parameterBytes: parameters.byteLength,
      catalogueHash: task.catalogueHash,
      epsilon: spend ? spend.epsilon : null,
      delta: spend ? spend.delta : null,
    },
    identity,
  );
  await store.publish({
    task: task.id,
    version,
    origin,
    parameters,
    optimizerState: { momentum: null, second: null },
    createdAt: now(),
    round: null,
    ledgerEntry: null,
  });
  return version;
}

/** Tensors as one vector in the layout's order, whatever their order in the file. @throws RegistryError 'wrong-layout' */
function laidOut(layout: ParameterLayout, tensors: readonly NamedTensor[]): Float32Array {
  const given = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const parameters = new Float32Array(layout.size);
  const problems: string[] = [];
  for (const { name, shape, offset } of layout.tensors) {
    const tensor = given.get(name);
    given.delete(name);
    if (!tensor) problems.push(`${name} is missing`);
    else if (tensor.shape.join() !== shape.join()) {
      problems.push(`${name} has shape [${tensor.shape}], expected [${shape}]`);
    } else if (!tensor.values.every(Number.isFinite)) problems.push(`${name} holds values that are not finite`);
    else parameters.set(tensor.values, offset);
  }
  for (const name of given.keys()) problems.push(`${JSON.stringify(name)} is not part of the model`);
  if (problems.length > 0) {
    throw new RegistryError(
      'wrong-layout',
      `The file is not of the task's model: ${problems.slice(0, 8).join('; ')}. Export a version of the task to see its tensors.`,
    );
  }
  return parameters;
}

async function layoutOf(store: Store, task: TaskRecord): Promise<ParameterLayout> {
  const catalogue = await store.catalogue(task.catalogueHash);
  if (!catalogue) {
    throw new RegistryError('damaged', `The catalogue of task '${task.id}' is missing in the store. Restore a backup.`);
  }
  const items = catalogueItems(catalogue);
  return coordinatorRecommender(task.document, items.length, items).layout;
}

async function taskRecord(store: Store, task: string): Promise<TaskRecord> {
  const record = await store.task(task);
  if (record) return record;
  const known = (await store.tasks()).map(({ id }) => id);
  const advice = known.length > 0 ? `It has: ${known.join(', ')}.` : 'It has none.';
  throw new RegistryError('unknown-task', `The store has no task '${task}'. ${advice}`);
}

async function versionOfTask(store: Store, task: TaskRecord, hash: string): Promise<ModelVersion> {
  const record = await store.version(hash);
  if (record?.version.task === task.id) return record.version;
  throw new RegistryError(
    'unknown-version',
    `Task '${task.id}' has no version '${hash}'. Give the full hash of one that \`tributary model list\` shows.`,
  );
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSafetensors, writeSafetensors } from '@tributary/model';
import { bytesToHex, createIdentity, type Identity, systemRandom } from '@tributary/privacy';
import { checkTaskDocument, type ModelVersion, type TaskDocument } from '@tributary/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ledgerOf } from '../ledger/population-ledger.ts';
import { openStore } from '../store/embedded.ts';
import type { Store } from '../store/store.ts';
import { createTask } from '../task/create-task.ts';
import {
  exportVersion,
  importVersion,
  listVersions,
  loadVerifiedParameters,
  manifestKey,
  rollbackVersion,
} from './registry.ts';
import { parametersHash, signVersion, verifyVersion } from './version.ts';

function documentOf(task: string, dimension = 3): TaskDocument {
  const check = checkTaskDocument({
    version: 1,
    task,
    population: 'readers',
    model: { kind: 'implicit-als', dimension },
    rounds: 4,
    cohort: { target: 4, minimum: 2 },
    privacy: {
      plan: 'sealed',
      clipNorm: 1,
      noise: { mechanism: 'gaussian', noiseMultiplier: 2, delta: 1e-6, budget: 8 },
    },
    optimizer: { kind: 'fedavgm', learningRate: 0.5, momentum: 0.9 },
  });
  if (!check.ok) throw new Error(JSON.stringify(check.problems));
  return check.task;
}

const catalogue = ['a', 'b', 'c', 'd'].map((id) => ({ id, title: id, attributes: [], description: '' }));
const now = () => 1_700_000_000_000;

let folder: string;
let store: Store;
let identity: Identity;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'registry-'));
  store = await openStore(folder);
  identity = createIdentity(systemRandom);
  for (const task of ['books', 'films']) {
    await createTask({ store, identity, document: documentOf(task, task === 'books' ? 3 : 2), catalogue, now });
  }
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

/** Publishes what a round would: other parameters, moments, a spend. */
async function publishRound(task: string, epsilon: number): Promise<ModelVersion> {
  const parent = (await listVersions(store, task)).at(-1)?.version;
  if (!parent) throw new Error('no version');
  const parameters = (await loadVerifiedParameters(store, parent, identity.publicKey)).map((value) => value + 0.5);
  const hashed = { parametersHash: parametersHash(parameters), parameterBytes: parameters.byteLength };
  const version = signVersion({ ...parent, ...hashed, round: 1, parent: parent.hash, epsilon }, identity);
  const optimizerState = { momentum: parameters, second: null };
  const publication = { task, version, origin: 'round', parameters, optimizerState, createdAt: now() } as const;
  await store.publish({ ...publication, round: null, ledgerEntry: null });
  return version;
}

const current = async (task: string) => (await store.task(task))?.currentVersion;

describe('the registry', () => {
  it('exports a version whose manifest verifies and whose import has the same parameters', async () => {
    const [{ version: first }] = await listVersions(store, 'books');
    const bytes = await exportVersion(store, 'books', 'current', identity.publicKey);
    const { metadata, tensors } = readSafetensors(bytes);
    const manifest = JSON.parse(metadata[manifestKey]);
    const signature = Uint8Array.from(Buffer.from(manifest.signature, 'hex'));
    expect(verifyVersion({ ...manifest, signature }, identity.publicKey)).toBeNull();
    expect(manifest.hash).toBe(first.hash);
    expect(tensors.length).toBeGreaterThan(0);

    const imported = await importVersion(store, identity, 'books', bytes, now);
    expect(imported).toMatchObject({ parent: first.hash, parametersHash: first.parametersHash, round: 0 });
    expect(verifyVersion(imported, identity.publicKey)).toBeNull();
    expect(await current('books')).toBe(imported.hash);
    expect((await listVersions(store, 'books')).map(({ origin }) => origin)).toEqual(['initial', 'import']);
    expect(await store.optimizerState('books')).toEqual({ momentum: null, second: null });
  });

  it('exports and imports a model that has vectors for attributes: the catalogue says how many', async () => {
    const { privacy, cohort } = documentOf('shop');
    const check = checkTaskDocument({
      ...documentOf('shop'),
      population: 'shoppers',
      model: { kind: 'hybrid', plan: 'cheap', dimension: 3, features: { text: false, attributes: true } },
      training: {
        local: {
          ...{ epochs: 1, reconstructionEpochs: 1, batchSize: 4, learningRate: 0.1, privateLearningRate: 0.1 },
          ...{ negativesPerPositive: 1, regularisation: 0 },
        },
      },
      privacy,
      cohort,
    });
    if (!check.ok) throw new Error(JSON.stringify(check.problems));
    const described = catalogue.map((item, at) => ({ ...item, attributes: [at < 2 ? 'red' : 'blue'] }));
    await createTask({ store, identity, document: check.task, catalogue: described, now });
    const bytes = await exportVersion(store, 'shop', 'current', identity.publicKey);
    const { tensors } = readSafetensors(bytes);
    expect(tensors.find(({ name }) => name === 'attribute-vectors')?.shape).toEqual([3, 4]);
    expect(await importVersion(store, identity, 'shop', bytes, now)).toMatchObject({ task: 'shop' });
  });

  it('rolls back by a new version: old parameters, the present spend', async () => {
    const [{ version: first }] = await listVersions(store, 'books');
    expect(first.epsilon).toBe(0);
    const second = await publishRound('books', 1.5);
    // Two tasks share the people: what the other one spent is in the rolled back version's claim too.
    const ledger = await ledgerOf(store.ledger, identity, documentOf('films', 2), now);
    const subject = { task: 'films', round: 1, modelVersion: first.hash, roundHash: second.hash };
    await ledger?.charge(subject, {
      event: { mechanism: 'gaussian', noiseMultiplier: 2, sampling: { claim: 'none' }, steps: 1 },
      sensitivity: 1,
      roundedCount: 0,
      minimumCount: 2,
    });
    const spent = await ledger?.spend();
    expect(spent?.epsilon).toBeGreaterThan(1);
    const rolled = await rollbackVersion(store, identity, 'books', first.hash, now);
    expect(rolled).toMatchObject({
      parent: second.hash,
      parametersHash: first.parametersHash,
      epsilon: spent?.epsilon,
      delta: 1e-6,
    });
    expect(rolled.hash).not.toBe(first.hash);
    expect(await current('books')).toBe(rolled.hash);
    expect(await store.optimizerState('books')).toEqual({ momentum: null, second: null });
    expect(await loadVerifiedParameters(store, rolled, identity.publicKey)).toEqual(
      await loadVerifiedParameters(store, first, identity.publicKey),
    );
    expect((await listVersions(store, 'books')).map(({ origin }) => origin)).toEqual(['initial', 'round', 'rollback']);
  });

  it('finds a tensor whatever its place in the file', async () => {
    const bytes = await exportVersion(store, 'books', 'current', identity.publicKey);
    const { tensors } = readSafetensors(bytes);
    const [{ version: first }] = await listVersions(store, 'books');
    const reversed = writeSafetensors({ tensors: tensors.toReversed(), metadata: {} });
    expect((await importVersion(store, identity, 'books', reversed, now)).parametersHash).toBe(first.parametersHash);
  });

  it('refuses tensors of another model, missing, extra or not finite ones, and changes nothing', async () => {
    const before = await current('books');
    const films = await exportVersion(store, 'films', 'current', identity.publicKey);
    const { tensors } = readSafetensors(await exportVersion(store, 'books', 'current', identity.publicKey));
    const extra = { name: 'extra', shape: [1], values: Float32Array.of(1) };
    const broken = { ...tensors[0], values: tensors[0].values.with(0, Number.NaN) };
    const files: [Uint8Array, RegExp][] = [
      [films, /has shape \[4,2\], expected \[4,3\]/],
      [writeSafetensors({ tensors: tensors.slice(1), metadata: {} }), /is missing/],
      [writeSafetensors({ tensors: [...tensors, extra], metadata: {} }), /"extra" is not part of the model/],
      [writeSafetensors({ tensors: [broken, ...tensors.slice(1)], metadata: {} }), /not finite/],
    ];
    for (const [bytes, message] of files) {
      const attempt = importVersion(store, identity, 'books', bytes, now);
      await expect(attempt).rejects.toMatchObject({ code: 'wrong-layout', message: expect.stringMatching(message) });
    }
    expect(await current('books')).toBe(before);
  });

  it('names unknown tasks and versions, also a version of another task', async () => {
    await expect(listVersions(store, 'music')).rejects.toMatchObject({
      code: 'unknown-task',
      message: expect.stringContaining('books, films'),
    });
    const [{ version }] = await listVersions(store, 'films');
    for (const hash of ['f'.repeat(64), version.hash]) {
      await expect(rollbackVersion(store, identity, 'books', hash, now)).rejects.toMatchObject({
        code: 'unknown-version',
      });
    }
  });

  it('trusts no version of another key, nor one with a changed field', async () => {
    const [{ version }] = await listVersions(store, 'books');
    const other = createIdentity(systemRandom);
    await expect(exportVersion(store, 'books', 'current', other.publicKey)).rejects.toMatchObject({ code: 'forged' });
    for (const forged of [
      { ...version, epsilon: 0.5 },
      { ...version, signature: version.signature.with(0, version.signature[0] ^ 1) },
      { ...version, parametersHash: bytesToHex(new Uint8Array(32)) },
    ]) {
      await expect(loadVerifiedParameters(store, forged, identity.publicKey)).rejects.toMatchObject({ code: 'forged' });
    }
  });

  it('notices parameters that are not what was signed', async () => {
    const [{ version }] = await listVersions(store, 'books');
    const parameters = await loadVerifiedParameters(store, version, identity.publicKey);
    const answers = [null, parameters.with(0, parameters[0] + 1), parameters.slice(1)];
    for (const answer of answers) {
      const damaged: Store = { ...store, parameters: async () => answer };
      await expect(loadVerifiedParameters(damaged, version, identity.publicKey)).rejects.toMatchObject({
        code: 'damaged',
      });
    }
  });
});

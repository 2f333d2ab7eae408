/** What every store owes, whatever database is beneath: one suite, run on each. */
import { bytesToHex, createIdentity, type LedgerEntry, sha256, systemRandom } from '@tributary/privacy';
import { checkTaskDocument, type ModelVersion, type TaskDocument } from '@tributary/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLedger } from '../ledger/ledger.ts';
import { parametersHash, signVersion } from '../registry/version.ts';
import { bytesOfFloats, storeChunkBytes } from './blobs.ts';
import type { NewTask, Publication, RoundRecord, Store } from './store.ts';

const identity = createIdentity(systemRandom);
const hashOf = (digit: string) => digit.repeat(64);
const subject = { task: 'books', round: 1, modelVersion: hashOf('a'), roundHash: hashOf('b') };
const charge = {
  event: { mechanism: 'gaussian', noiseMultiplier: 4, sampling: { claim: 'none' }, steps: 1 },
  sensitivity: 1,
  roundedCount: 10,
  minimumCount: 5,
} as const;

export function documentOf(task: string): TaskDocument {
  const check = checkTaskDocument({
    version: 1,
    task,
    population: 'readers',
    model: { kind: 'implicit-als', dimension: 2 },
    rounds: 4,
    cohort: { target: 4, minimum: 2 },
    privacy: { plan: 'sealed', clipNorm: null },
    optimizer: { kind: 'fedadam', learningRate: 0.5 },
  });
  if (!check.ok) throw new Error(JSON.stringify(check.problems));
  return check.task;
}

const identityOf = (seed: number): Uint8Array => sha256(Uint8Array.of(seed & 255, seed >> 8));

function versionOf(task: string, round: number, parent: string | null, parameters: Float32Array): ModelVersion {
  const [layoutHash, catalogueHash] = [hashOf('c'), hashOf('d')];
  const hashes = { parametersHash: parametersHash(parameters), parameterBytes: parameters.byteLength };
  return signVersion(
    { task, round, parent, layoutHash, catalogueHash, ...hashes, epsilon: 0.1, delta: 1e-6 },
    identity,
  );
}

/** A task whose parameters take more than two chunks. */
export function newTask(task: string, size = storeChunkBytes / 2 + 3): NewTask {
  const parameters = Float32Array.from({ length: size }, (_, i) => i / 7);
  const catalogue = new TextEncoder().encode('[{"id":"a"}]');
  return {
    document: documentOf(task),
    catalogue,
    catalogueHash: bytesToHex(sha256(catalogue)),
    createdAt: 1_700_000_000_000,
    version: versionOf(task, 0, null, parameters),
    parameters,
  };
}

function roundOf(round: number, change: Partial<RoundRecord> = {}): RoundRecord {
  return {
    task: 'books',
    round,
    outcome: 'open',
    reason: '',
    invited: 5,
    contributions: 0,
    openedAt: 1_700_000_000_001,
    endedAt: null,
    version: null,
    metrics: null,
    bytesReceived: 0,
    engine: null,
    ...change,
  };
}

export function publicationOf(task: NewTask, change: Partial<Publication> = {}): Publication {
  const parameters = task.parameters.map((value) => value + 1);
  const version = versionOf(task.document.task, 1, task.version.hash, parameters);
  const ended = { outcome: 'closed', endedAt: 1_700_000_000_009, version: version.hash, contributions: 4 } as const;
  return {
    task: task.document.task,
    version,
    origin: 'round',
    parameters,
    optimizerState: { momentum: parameters.map((value) => value / 2), second: parameters.map((value) => value / 3) },
    createdAt: 1_700_000_000_008,
    round: roundOf(1, { ...ended, metrics: { 'ndcg@10': 0.25 }, bytesReceived: 2 ** 40, engine: 'webgpu' }),
    ledgerEntry: null,
    ...change,
  };
}

/** Long vectors are compared by their hash. */
function digest(values: Float32Array | null): string | null {
  return values && parametersHash(values);
}

/** Everything that a store answers of the task, to compare before and after. */
export async function everythingOf(store: Store, task: NewTask, publication: Publication) {
  const { document, catalogueHash, version } = task;
  const optimizer = await store.optimizerState(document.task);
  return {
    tasks: await store.tasks(),
    task: await store.task(document.task),
    catalogue: await store.catalogue(catalogueHash),
    rounds: await store.rounds(document.task, 100),
    openRounds: await store.openRounds(),
    versions: await store.versions(document.task),
    first: digest(await store.parameters(version.parametersHash)),
    second: digest(await store.parameters(publication.version.parametersHash)),
    momentum: digest(optimizer.momentum),
    moment: digest(optimizer.second),
    ledger: await store.ledger.entries('readers'),
    identities: await store.identities.list('readers'),
  };
}

/** An open budget and a charge that is not yet released, with the entry that would release it. */
async function charged(store: Store): Promise<LedgerEntry> {
  const ledger = await openLedger({
    port: store.ledger,
    population: 'readers',
    budget: 8,
    delta: 1e-6,
    signer: identity,
    now: () => 1_700_000_000_000,
  });
  await ledger.charge(subject, charge);
  return ledger.releasedEntry(subject, hashOf('e'));
}

/** @param openFresh an empty store; `reopen` closes it and opens the same again, `dispose` removes it */
export function describeStore(
  name: string,
  openFresh: () => Promise<{ store: Store; reopen: () => Promise<Store>; dispose: () => Promise<void> }>,
): void {
  describe(name, () => {
    let store: Store;
    let reopen: () => Promise<Store>;
    let dispose: () => Promise<void>;
    beforeEach(async () => {
      ({ store, reopen, dispose } = await openFresh());
    });
    afterEach(() => dispose());

    it('keeps everything over a close', async () => {
      const task = newTask('books');
      await store.createTask(task);
      await store.openRound(roundOf(1));
      const publication = publicationOf(task, { ledgerEntry: await charged(store) });
      await store.publish(publication);
      await store.openRound(roundOf(2));
      await store.identities.append('readers', 0, [identityOf(1), identityOf(2)]);
      const before = await everythingOf(store, task, publication);
      expect(before).toMatchObject({
        task: { status: 'running', lastRound: 2, closedRounds: 1, currentVersion: publication.version.hash },
        rounds: [roundOf(2), publication.round],
        openRounds: [roundOf(2)],
        momentum: digest(publication.optimizerState.momentum),
        moment: digest(publication.optimizerState.second),
      });
      expect(before.task?.document).toEqual(task.document);
      expect(before.catalogue).toEqual(task.catalogue);
      expect(before.first).toBe(digest(task.parameters));
      expect(before.second).toBe(digest(publication.parameters));
      expect(before.versions.map(({ version, position, origin }) => [version, position, origin])).toEqual([
        [task.version, 0, 'initial'],
        [publication.version, 1, 'round'],
      ]);
      expect(before.ledger.map(({ body }) => body.kind)).toEqual(['open', 'charge', 'released']);
      store = await reopen();
      expect(await everythingOf(store, task, publication)).toEqual(before);
    });

    it('gives any part of the parameters', async () => {
      const task = newTask('books');
      await store.createTask(task);
      const all = bytesOfFloats(task.parameters);
      const parts: [number, number][] = [
        [0, 10],
        [storeChunkBytes - 3, 7],
        [storeChunkBytes, storeChunkBytes],
        [5, 2 * storeChunkBytes],
        [all.length - 4, 100],
        [all.length, 5],
      ];
      for (const [offset, length] of parts) {
        const part = await store.parameterBytes(task.version.parametersHash, offset, length);
        expect(part?.total).toBe(all.length);
        expect(Buffer.compare(part?.bytes ?? new Uint8Array(1), all.subarray(offset, offset + length))).toBe(0);
      }
      expect(await store.parameterBytes(hashOf('9'), 0, 1)).toBeNull();
      expect(await store.parameters(hashOf('9'))).toBeNull();
    });

    it('refuses a second task of one name and keeps the first', async () => {
      await store.createTask(newTask('books', 5));
      const before = await store.tasks();
      await expect(store.createTask(newTask('books', 9))).rejects.toMatchObject({
        name: 'StoreError',
        code: 'conflict',
      });
      expect(await store.tasks()).toEqual(before);
      await store.createTask(newTask('films', 5));
      expect((await store.tasks()).map(({ id }) => id)).toEqual(['books', 'films']);
    });

    it('publishes nothing at all when the ledger has moved on', async () => {
      const task = newTask('books', 9);
      await store.createTask(task);
      await store.openRound(roundOf(1));
      const entry = await charged(store);
      const publication = publicationOf(task, { ledgerEntry: { ...entry, previous: hashOf('f') } });
      const before = await everythingOf(store, task, publication);
      await expect(store.publish(publication)).rejects.toMatchObject({ name: 'StoreError', code: 'conflict' });
      expect(await everythingOf(store, task, publication)).toEqual(before);
      await store.publish({ ...publication, ledgerEntry: entry });
      expect((await store.task('books'))?.currentVersion).toBe(publication.version.hash);
    });

    it('publishes only onto the version in force', async () => {
      const task = newTask('books', 9);
      await store.createTask(task);
      const first = publicationOf(task, { round: null });
      await store.publish(first);
      const late = publicationOf(task, { round: null, ledgerEntry: await charged(store) });
      const before = await everythingOf(store, task, late);
      await expect(store.publish(late)).rejects.toMatchObject({ code: 'conflict' });
      await expect(store.publish({ ...late, task: 'music' })).rejects.toMatchObject({ code: 'conflict' });
      expect(await everythingOf(store, task, late)).toEqual(before);
    });

    it('replaces the optimizer state with each publication', async () => {
      const task = newTask('books', 9);
      await store.createTask(task);
      expect(await store.optimizerState('books')).toEqual({ momentum: null, second: null });
      const first = publicationOf(task, { round: null });
      await store.publish(first);
      expect(await store.optimizerState('books')).toEqual(first.optimizerState);
      const version = versionOf('books', 0, first.version.hash, task.parameters);
      const optimizerState = { momentum: null, second: null };
      await store.publish({ ...first, version, parameters: task.parameters, optimizerState, origin: 'rollback' });
      expect(await store.optimizerState('books')).toEqual(optimizerState);
      expect(await store.parameters(version.parametersHash)).toEqual(task.parameters);
    });

    it('lets one of two writers append to the ledger', async () => {
      const entry = await charged(store);
      const outcomes = await Promise.all([store.ledger.append(entry), store.ledger.append(entry)]);
      expect(outcomes.sort()).toEqual([false, true]);
      expect((await store.ledger.entries('readers')).at(-1)).toEqual(entry);
      expect(await store.ledger.entries('nobody')).toEqual([]);
    });

    it('ends rounds, newest first, and changes a status', async () => {
      await store.createTask(newTask('books', 5));
      for (const round of [1, 2, 3]) await store.openRound(roundOf(round));
      const ended = roundOf(2, { outcome: 'abandoned', reason: 'too few', endedAt: 1_700_000_000_005 });
      await store.endRound(ended);
      expect(await store.rounds('books', 2)).toEqual([roundOf(3), ended]);
      expect((await store.openRounds()).map(({ round }) => round)).toEqual([1, 3]);
      await store.setTaskStatus('books', 'stopped', 'by its operator');
      expect(await store.task('books')).toMatchObject({ status: 'stopped', reason: 'by its operator', lastRound: 3 });
      expect(await store.task('music')).toBeNull();
      expect(await store.version(hashOf('9'))).toBeNull();
      expect(await store.catalogue(hashOf('9'))).toBeNull();
    });

    it('keeps the identities of each population in the order in which they came, each once', async () => {
      const { identities } = store;
      expect(await identities.list('readers')).toEqual([]);
      expect(await identities.append('readers', 0, [identityOf(1), identityOf(2)])).toBe(true);
      expect(await identities.append('listeners', 0, [identityOf(2)])).toBe(true);
      expect(await identities.append('readers', 2, [identityOf(3)])).toBe(true);
      // At another position, known already, or twice in one go: nothing is written.
      for (const [position, seeds] of [
        [2, [4]],
        [4, [4]],
        [3, [4, 1]],
        [3, [4, 4]],
      ] as const) {
        expect(await identities.append('readers', position, seeds.map(identityOf))).toBe(false);
      }
      expect(await identities.list('readers')).toEqual([1, 2, 3].map(identityOf));
      expect(await identities.list('readers', 2)).toEqual([identityOf(3)]);
      expect(await identities.list('listeners')).toEqual([identityOf(2)]);
    });

    it('lets one of two writers append to an identity log, and takes more at once than a statement holds', async () => {
      const many = Array.from({ length: 700 }, (_, seed) => identityOf(seed));
      const { identities } = store;
      const outcomes = await Promise.all([
        identities.append('readers', 0, many),
        identities.append('readers', 0, many),
      ]);
      expect(outcomes.sort()).toEqual([false, true]);
      expect(await identities.list('readers')).toEqual(many);
      expect(await identities.append('readers', 700, [identityOf(800), identityOf(699)])).toBe(false);
    });

    it('does not open one round twice', async () => {
      await store.createTask(newTask('books', 5));
      await store.openRound(roundOf(1, { invited: 3 }));
      await expect(store.openRound(roundOf(1))).rejects.toMatchObject({ name: 'StoreError' });
      expect(await store.rounds('books', 9)).toEqual([roundOf(1, { invited: 3 })]);
    });
  });
}

import {
  createIdentity,
  createIdentityLog,
  hexToBytes,
  identityLeaf,
  sha256,
  systemRandom,
  verifyConsistency,
  verifyLogRoot,
} from '@tributary/privacy';
import { checkTaskDocument, type TaskDocument } from '@tributary/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { openPopulationLog } from '../identities/population-log.ts';
import { LedgerError } from '../ledger/ledger.ts';
import { RegistryError } from '../registry/registry-error.ts';
import { signVersion } from '../registry/version.ts';
import { openRound, SecurePlanError, transition } from '../round/index.ts';
import type { RoundRecord, TaskRecord } from '../store/store.ts';
import { StoreError } from '../store/store-error.ts';
import { createHttpApp } from './app.ts';
import type { HttpPort, LiveRound } from './port.ts';

const token = 'correct-horse';
const bearer = { Authorization: `Bearer ${token}` };
const zeros = '0'.repeat(64);

const plainDocument = {
  version: 1,
  task: 'books',
  population: 'readers',
  model: { kind: 'implicit-als', dimension: 8 },
  rounds: 4,
  cohort: { target: 8, minimum: 5 },
  privacy: { plan: 'sealed', clipNorm: null },
  optimizer: { kind: 'fedavg', learningRate: 0.5 },
};
const catalogue = [{ id: 'a', title: 'A', attributes: [], description: '' }];

function documentOf(): TaskDocument {
  const check = checkTaskDocument(plainDocument);
  if (!check.ok) throw new Error(JSON.stringify(check.problems));
  return check.task;
}

const coordinator = createIdentity(systemRandom);
const version = signVersion(
  {
    task: 'books',
    round: 3,
    parent: zeros,
    layoutHash: zeros,
    parametersHash: zeros,
    parameterBytes: 4,
    catalogueHash: zeros,
    epsilon: 1.5,
    delta: 1e-6,
  },
  coordinator,
);

const record: TaskRecord = {
  id: 'books',
  document: documentOf(),
  catalogueHash: zeros,
  status: 'running',
  reason: '',
  lastRound: 3,
  closedRounds: 2,
  currentVersion: version.hash,
  createdAt: 1,
};

const closed: RoundRecord = {
  task: 'books',
  round: 3,
  outcome: 'closed',
  reason: '',
  invited: 10,
  contributions: 8,
  openedAt: 1,
  endedAt: 2,
  version: version.hash,
  metrics: { 'ndcg@10': 0.3 },
  bytesReceived: 800,
  engine: 'webgpu',
};

const live: LiveRound = {
  round: 4,
  phase: 'collecting',
  connected: 9,
  available: 3,
  invited: 9,
  uploaded: 4,
  bytesReceived: 400,
  plan: 'sealed',
  secure: null,
};

/** What the app asked of the coordinator. */
let calls: unknown[];
let failures: unknown[];
let port: HttpPort;

beforeEach(() => {
  calls = [];
  failures = [];
  port = {
    adminToken: token,
    health: () => ({
      software: 'tributary-coordinator/0.1.0',
      uptimeSeconds: 5,
      engine: { name: 'webgpu', device: 'a GPU' },
    }),
    ready: async () => ({ ready: true, reason: '' }),
    tasks: async () => [{ record, live }],
    task: async (id) => (id === 'books' ? { record, live } : null),
    rounds: async (task, limit) => {
      calls.push(['rounds', task, limit]);
      return [closed];
    },
    versions: async () => [{ version, position: 0, createdAt: 1, origin: 'round' }],
    metrics: async () => ({ contentType: 'text/plain; version=0.0.4', text: 'tributary_rounds_total 1\n' }),
    createTask: async (document, items) => void calls.push(['create', document.task, items]),
    stopTask: async (id) => {
      calls.push(['stop', id]);
      return id === 'books';
    },
    rollback: async (task, hash) => {
      calls.push(['rollback', task, hash]);
      return version;
    },
    identityLog: async () => null,
    failed: (error) => void failures.push(error),
  };
});

const get = (path: string) => createHttpApp(port).request(path);
const post = (path: string, body: unknown, headers: Record<string, string> = bearer) =>
  createHttpApp(port).request(path, {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const errorOf = async (response: Response) => ((await response.json()) as { error: Record<string, unknown> }).error;

describe('the pages', () => {
  it('tell that it lives and whether it is ready', async () => {
    expect(await (await get('/health')).json()).toEqual({
      status: 'ok',
      software: 'tributary-coordinator/0.1.0',
      uptimeSeconds: 5,
      engine: { name: 'webgpu', device: 'a GPU' },
    });
    expect((await get('/ready')).status).toBe(200);
    port = { ...port, ready: async () => ({ ready: false, reason: 'it is closing' }) };
    const response = await get('/ready');
    expect([response.status, await response.json()]).toEqual([503, { ready: false, reason: 'it is closing' }]);
  });

  it('show tasks, rounds, versions and metrics', async () => {
    expect(await (await get('/tasks')).json()).toMatchObject({ tasks: [{ id: 'books', closedRounds: 2, rounds: 4 }] });
    expect(await (await get('/tasks/books')).json()).toMatchObject({
      id: 'books',
      population: 'readers',
      plan: 'sealed',
      status: 'running',
    });
    expect(await (await get('/tasks/books/rounds')).json()).toMatchObject({
      rounds: [{ round: 3, outcome: 'closed', contributions: 8, bytesReceived: 800, metrics: { 'ndcg@10': 0.3 } }],
    });
    const signature = Buffer.from(version.signature).toString('hex');
    expect(await (await get('/tasks/books/versions')).json()).toMatchObject({
      current: version.hash,
      versions: [{ hash: version.hash, epsilon: 1.5, signature, origin: 'round' }],
    });
    const metrics = await get('/metrics');
    expect(metrics.headers.get('Content-Type')).toContain('version=0.0.4');
    expect(await metrics.text()).toBe('tributary_rounds_total 1\n');
    expect(metrics.headers.get('Cache-Control')).toBe('no-store');
  });

  it('show no count below the minimum cohort, nor what tells it', async () => {
    const { live: shown } = (await (await get('/tasks/books')).json()) as { live: unknown };
    expect(shown).toEqual({
      round: 4,
      phase: 'collecting',
      devices: { connected: 9, available: null, invited: 9, uploaded: null, fewerThan: 5 },
      bytesReceived: null,
      plan: 'sealed',
      secure: null,
    });
  });

  it('show the graph of a secure round', async () => {
    const secure = { cohort: 9, neighbours: 8, threshold: 6 };
    port = { ...port, task: async () => ({ record, live: { ...live, plan: 'secure', secure } }) };
    expect(await (await get('/tasks/books')).json()).toMatchObject({ live: { plan: 'secure', secure } });
  });

  it('let anybody mirror an identity log and check that it only grew', async () => {
    const identities = Array.from({ length: 7 }, (_, i) => sha256(Uint8Array.of(i)));
    const log = await openPopulationLog(
      { list: async () => identities, append: async () => false },
      'readers',
      coordinator,
    );
    port = { ...port, identityLog: async (name) => (name === 'readers' ? log : null) };
    const read = async (query: string) =>
      (await (await get(`/populations/readers/identity-log${query}`)).json()) as Record<string, never>;
    const head = await read('');
    expect(head).toMatchObject({ population: 'readers', size: 7, from: 0, identities: [], consistency: null });
    const bytes = (text: string) => hexToBytes(text);
    const root = bytes(head.root);
    const signed = { population: 'readers', size: 7, root, signature: bytes(head.signature) };
    expect(verifyLogRoot(signed, coordinator.publicKey)).toBe(true);
    // A mirror that reads page after page comes to the same root.
    const pages = [await read('?count=4'), await read('?from=4&count=4&since=4')];
    const mirror = createIdentityLog();
    for (const { identities: page } of pages) {
      for (const identity of page as string[]) mirror.append(identityLeaf('readers', bytes(identity)));
    }
    expect(mirror.root()).toEqual(root);
    const claim = { oldSize: 4, oldRoot: mirror.root(4), newSize: 7, newRoot: root };
    expect(verifyConsistency({ ...claim, proof: bytes(pages[1].consistency) })).toBe(true);
    expect(verifyConsistency({ ...claim, oldRoot: mirror.root(3), proof: bytes(pages[1].consistency) })).toBe(false);
    for (const [query, path] of [
      ['?from=-1', 'from'],
      ['?count=10001', 'count'],
      ['?since=8', 'since'],
      ['?since=x', 'since'],
    ]) {
      const response = await get(`/populations/readers/identity-log${query}`);
      expect([response.status, (await errorOf(response)).problems]).toMatchObject([400, [{ path }]]);
    }
    const unknown = await get('/populations/listeners/identity-log');
    expect([unknown.status, (await errorOf(unknown)).code]).toEqual([404, 'unknown-population']);
  });

  it('show an abandoned round without its small count, also in the reason of the round machine', async () => {
    const limits = { plan: 'sealed', target: 8, minimum: 5, invitations: 9 } as const;
    const selecting = transition(openRound(4, limits, ['a', 'b', 'c']).state, { kind: 'deadline', phase: 'selecting' });
    const devices = Array.from('abcdefghi');
    let { state } = transition(openRound(5, limits, devices).state, { kind: 'selected', devices });
    for (const device of ['a', 'b', 'c']) state = transition(state, { kind: 'contribution-added', device }).state;
    const collecting = transition(state, { kind: 'deadline', phase: 'collecting' });
    for (const { state: ended } of [selecting, collecting]) {
      expect(ended.phase).toBe('abandoned');
      expect(ended.reason).toContain('3');
      const abandoned: RoundRecord = {
        ...closed,
        outcome: 'abandoned',
        reason: ended.reason ?? '',
        invited: ended.round === 4 ? 0 : 9,
        contributions: ended.uploaded,
        bytesReceived: 300,
        version: null,
        metrics: null,
      };
      port = { ...port, rounds: async () => [abandoned] };
      const { rounds } = (await (await get('/tasks/books/rounds')).json()) as { rounds: Record<string, unknown>[] };
      expect(rounds[0]).toMatchObject({ contributions: null, bytesReceived: null, fewerThan: 5 });
      expect(rounds[0].reason).toMatch(/^fewer than 5 (devices|contributions) /);
      expect(rounds[0].reason).not.toContain('3');
    }
  });

  it('take a page size within bounds', async () => {
    await get('/tasks/books/rounds?limit=7');
    expect(calls).toEqual([['rounds', 'books', 7]]);
    for (const limit of ['0', '-1', '1.5', 'x', '1001', '']) {
      const response = await get(`/tasks/books/rounds?limit=${limit}`);
      expect(response.status).toBe(400);
      expect((await errorOf(response)).problems).toMatchObject([{ path: 'limit' }]);
    }
  });

  it('answer what is not there as JSON', async () => {
    for (const path of ['/tasks/music', '/tasks/music/rounds', '/tasks/music/versions']) {
      const response = await get(path);
      expect([response.status, (await errorOf(response)).code]).toEqual([404, 'unknown-task']);
    }
    const response = await get('/nothing');
    expect([response.status, (await errorOf(response)).code]).toEqual([404, 'not-found']);
  });
});

describe('admin calls', () => {
  const paths = ['/tasks', '/tasks/books/stop', '/tasks/books/rollback'];

  it.each(paths)('%s do nothing without the token', async (path) => {
    const wrong: Record<string, string>[] = [
      {},
      { Authorization: 'Bearer ' },
      { Authorization: token },
      { Authorization: `Basic ${token}` },
      { Authorization: `Bearer ${token}x` },
      { Authorization: `Bearer ${token.slice(1)}` },
    ];
    for (const headers of wrong) {
      const response = await post(path, { document: plainDocument, catalogue, version: zeros }, headers);
      expect([response.status, (await errorOf(response)).code]).toEqual([401, 'not-authorised']);
    }
    expect(calls).toEqual([]);
  });

  it.each(paths)('%s are closed where no token was set', async (path) => {
    port = { ...port, adminToken: null };
    for (const headers of [{}, { Authorization: 'Bearer null' }, { Authorization: 'Bearer ' }] as Record<
      string,
      string
    >[]) {
      expect((await post(path, {}, headers)).status).toBe(403);
    }
  });

  it('create a task of a document and a catalogue', async () => {
    const response = await post('/tasks', { document: plainDocument, catalogue });
    expect([response.status, await response.json()]).toMatchObject([201, { id: 'books' }]);
    expect(calls).toEqual([['create', 'books', catalogue]]);
  });

  it('name every problem of a body by its path', async () => {
    const document = { ...plainDocument, rounds: 0, cohort: { target: 2, minimum: 'x' } };
    const items = [{ id: 'a' }, { id: '' }, { id: 'a', price: 3 }];
    const response = await post('/tasks', { document, catalogue: items });
    expect(response.status).toBe(400);
    const problems = (await errorOf(response)).problems as { path: string }[];
    expect(problems.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['document.rounds', 'document.cohort.minimum', 'catalogue.1.id', 'catalogue.2']),
    );
    const twice = await post('/tasks', { document: plainDocument, catalogue: [{ id: 'a' }, { id: 'a' }] });
    expect((await errorOf(twice)).problems).toEqual([{ path: 'catalogue.1.id', message: 'is the id of item 0 too' }]);
    expect(calls).toEqual([]);
  });

  it('list at most twenty problems', async () => {
    const response = await post('/tasks', {
      document: plainDocument,
      catalogue: Array.from({ length: 500 }, () => ({})),
    });
    const problems = (await errorOf(response)).problems as { message: string }[];
    expect(problems).toHaveLength(21);
    expect(problems.at(-1)?.message).toBe('and 480 more');
  });

  it.each(['', '{', '[1', 'null', '[]', '5'])('refuse the body %j', async (body) => {
    expect((await post('/tasks', body)).status).toBe(400);
    expect((await post('/tasks/books/rollback', body)).status).toBe(400);
    expect(calls).toEqual([]);
  });

  it('refuse a body that is too large, announced or not', async () => {
    const app = createHttpApp(port, { maximumBodyBytes: 1000 });
    const text = JSON.stringify({
      document: plainDocument,
      catalogue: [{ ...catalogue[0], description: 'x'.repeat(2000) }],
    });
    const bytes = new TextEncoder().encode(text);
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(bytes);
        controller.close();
      },
    });
    const announced = await app.request('/tasks', {
      method: 'POST',
      headers: { ...bearer, 'Content-Length': String(bytes.length) },
      body: text,
    });
    const streamed = await app.request('/tasks', {
      method: 'POST',
      headers: bearer,
      body: stream,
      duplex: 'half',
    } as RequestInit);
    for (const response of [announced, streamed]) {
      expect([response.status, (await errorOf(response)).code]).toEqual([413, 'too-large']);
    }
    expect(calls).toEqual([]);
  });

  it('stop a task, and say when there is none', async () => {
    expect((await post('/tasks/books/stop', '')).status).toBe(200);
    expect((await post('/tasks/music/stop', '')).status).toBe(404);
    expect(calls).toEqual([
      ['stop', 'books'],
      ['stop', 'music'],
    ]);
  });

  it('roll back to a version by its full hash', async () => {
    const response = await post('/tasks/books/rollback', { version: version.hash });
    expect([response.status, await response.json()]).toMatchObject([200, { hash: version.hash }]);
    const short = await post('/tasks/books/rollback', { version: version.hash.slice(0, 12) });
    expect((await errorOf(short)).problems).toMatchObject([{ path: 'version' }]);
    expect(calls).toEqual([['rollback', 'books', version.hash]]);
  });

  it.each([
    [new StoreError('conflict', 'exists'), 409, 'conflict', 'exists'],
    [new LedgerError('other budget'), 409, 'ledger', 'other budget'],
    [new SecurePlanError('no threshold'), 400, 'infeasible', 'no threshold'],
    [new RegistryError('unknown-version', 'no such'), 404, 'unknown-version', 'no such'],
    [new RegistryError('damaged', 'secret place'), 500, 'internal', 'The coordinator failed; its log says why.'],
    [new TypeError('secret place'), 500, 'internal', 'The coordinator failed; its log says why.'],
  ])('answer %s', async (error, status, code, message) => {
    const failing = async () => {
      throw error;
    };
    port = { ...port, createTask: failing, rollback: failing };
    for (const response of [
      await post('/tasks', { document: plainDocument, catalogue }),
      await post('/tasks/books/rollback', { version: version.hash }),
    ]) {
      expect([response.status, await errorOf(response)]).toEqual([status, { code, message }]);
    }
    expect(failures).toEqual(status === 500 ? [error, error] : []);
  });
});

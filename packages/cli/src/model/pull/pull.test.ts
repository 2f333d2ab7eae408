import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEncoderFolder } from '@tributary/model/encoder/node';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createOutput } from '../../output/output.ts';
import { type Files, model, modelUntil, namesIn, tinyEncoderFiles, writeFiles } from '../encoder/tiny-encoder.cases.ts';
import { startHttps } from './https.cases.ts';
import { commit, type Hub, type Odd, sha256, startHub } from './hub.cases.ts';
import { runModelPull } from './run-pull.ts';

const files = tinyEncoderFiles(1);
const weights = files['model.safetensors'];
const hubs: Pick<Hub, 'close'>[] = [];
let place = '';
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'pull-'));
});
afterEach(() => {
  for (const hub of hubs.splice(0)) hub.close();
  vi.unstubAllEnvs();
  rmSync(place, { recursive: true });
});

async function hubOf(content: Files = files, odd?: Odd): Promise<Hub> {
  const hub = await startHub(content, odd);
  hubs.push(hub);
  return hub;
}

const pull = (hub: Pick<Hub, 'url'>, ...options: string[]) =>
  model('pull', 'tiny/bert', '--from', hub.url, '--out', join(place, 'new'), ...options);

describe('tributary model pull', () => {
  it('says what it would fetch, and fetches no weights', async () => {
    const hub = await hubOf();
    const { code, lines, notes, data } = await pull(hub);
    expect({ code, lines }).toEqual({ code: 0, lines: 1 });
    expect(data).toMatchObject({ fetched: false, licence: 'apache-2.0', revision: commit });
    expect(data.files.map(({ file }: { file: string }) => file).toSorted()).toEqual(Object.keys(files).toSorted());
    expect(data.files.at(-1)).toEqual({
      file: 'model.safetensors',
      url: `${hub.url}/tiny/bert/resolve/${commit}/model.safetensors`,
      host: new URL(hub.url).host,
      size: weights.length,
      hash: { kind: 'sha256', value: sha256(weights) },
      commit,
    });
    const sizes = Object.values(files).map((content) => Buffer.byteLength(content));
    expect(data.bytes).toBe(sizes.reduce((a, b) => a + b, 0));
    expect(notes).toMatch(/--yes fetches it/);
    expect(hub.requests.filter((request) => /^GET .*safetensors/.test(request))).toEqual([]);
    expect(namesIn(place)).toEqual([]);
  });

  it('fetches a folder that opens, byte for byte, behind a redirect, of one commit', async () => {
    const hub = await hubOf();
    const { code, data } = await pull(hub, '--yes', '--sha256', sha256(weights));
    expect(code).toBe(0);
    const out = join(place, 'new');
    for (const { file, sha256: hash, bytes } of data.files) {
      expect(readFileSync(join(out, file))).toEqual(Buffer.from(files[file]));
      expect({ hash, bytes }).toEqual({ hash: sha256(files[file]), bytes: Buffer.byteLength(files[file]) });
    }
    expect(data.files).toHaveLength(Object.keys(files).length);
    expect(data.hash).toBe((await openEncoderFolder(out)).hash);
    expect(namesIn(place).filter((name) => name.startsWith('.'))).toEqual([]);
    expect(hub.requests.filter((request) => /^GET .*resolve\/main/.test(request))).toEqual([]);
  });

  it('fetches shards, and a folder by its address', async () => {
    const { 'model.safetensors': whole, ...rest } = files;
    const index = JSON.stringify({ weight_map: { 'embeddings.LayerNorm.bias': 'part-1.safetensors' } });
    const hub = await hubOf({ ...rest, 'model.safetensors.index.json': index, 'part-1.safetensors': whole });
    const out = join(place, 'new');
    const { code, data, notes } = await model('pull', `${hub.url}/storage`, '--out', out, '--yes');
    expect(code).toBe(0);
    expect(data.hash).toBe((await openEncoderFolder(out)).hash);
    expect(namesIn(out)).toContain('part-1.safetensors');
    expect({ revision: data.revision, at: / at (main|[0-9a-f]{40})/.test(notes) }).toEqual({
      revision: null,
      at: false,
    });
    const revised = await model('pull', `${hub.url}/storage`, '--out', join(place, 'y'), '--revision', 'v2');
    expect(revised).toMatchObject({ code: 2, data: { error: { message: expect.stringMatching(/no revisions/) } } });
    const hashed = await model('pull', `${hub.url}/storage`, '--out', join(place, 'x'), '--sha256', sha256(whole));
    expect(hashed).toMatchObject({ code: 2, data: { error: { message: expect.stringMatching(/several files/) } } });
  });
});

/** As `git hash-object` has it. */
const gitBlob = (content: string | Uint8Array) =>
  createHash('sha1')
    .update(`blob ${Buffer.byteLength(content)}\0`)
    .update(content)
    .digest('hex');

it('knows a blob as git does', () => {
  // printf 'hello\n' | git hash-object --stdin
  expect(gitBlob('hello\n')).toBe('ce013625030ba8dba906f756967f9e9ca394464a');
});

it('takes a small file that is the blob that the hub names', async () => {
  const hub = await hubOf(files, (path, request, response) => {
    if (!path.endsWith('/tokenizer.json')) return false;
    response.writeHead(200, { etag: `"${gitBlob(files['tokenizer.json'])}"`, 'x-repo-commit': commit });
    response.end(request.method === 'HEAD' ? undefined : files['tokenizer.json']);
    return true;
  });
  expect((await pull(hub, '--yes')).code).toBe(0);
});

/** A hub that does this for the stored weights, when they are fetched. */
const forWeights =
  (answer: Odd): Odd =>
  (path, request, response) =>
    path.startsWith('/storage/model') && request.method === 'GET' && answer(path, request, response);
const cutOff: Odd = (_, __, response) => {
  response.writeHead(200, { 'content-length': weights.length });
  response.write(weights.slice(0, 1000), () => response.destroy());
  return true;
};
const answerWith =
  (content: string | Uint8Array): Odd =>
  (_, __, response) => {
    response.writeHead(200).end(content);
    return true;
  };
const unsized: Odd = (path, ...rest) =>
  path.endsWith('model.safetensors') && answerWith(new Uint8Array(3e6))(path, ...rest);
const changed = Uint8Array.from(weights as Uint8Array);
changed[changed.length - 1] ^= 1;
const status =
  (code: number, headers = {}): Odd =>
  (_, __, response) => {
    response.writeHead(code, headers).end();
    return true;
  };

describe('nothing stays, and it is said why, where', () => {
  it.each<[string, Files, Odd | undefined, string[], number, RegExp]>([
    ['the body is cut off', files, forWeights(cutOff), [], 5, /could not be fetched/],
    [
      'an answer without a length is short',
      files,
      forWeights(answerWith(weights.slice(0, 99))),
      [],
      5,
      /99 bytes came of/,
    ],
    ['more comes than was said', files, forWeights(answerWith(new Uint8Array(3e6))), [], 5, /more than its \d+ bytes/],
    ['the answer never ends', files, unsized, ['--most-megabytes', '1'], 3, /larger than 1 MB/],
    ['the weights are not those that the hub names', files, forWeights(answerWith(changed)), [], 3, /has the SHA-256/],
    ['the hub names another hash than asked for', files, undefined, ['--sha256', sha256('x')], 3, /expected 2d711642/],
    ['there is no such model', {}, undefined, [], 5, /There is no .*config\.json/],
    [
      'there is no tokenizer',
      { ...files, 'tokenizer.json': undefined } as unknown as Files,
      undefined,
      [],
      5,
      /tokenizer\.json/,
    ],
    [
      'there are no weights',
      { ...files, 'model.safetensors': undefined } as unknown as Files,
      undefined,
      [],
      5,
      /model\.safetensors/,
    ],
    ['the model is private', files, status(401), [], 5, /status 401/],
    ['the hub fails', files, forWeights(status(503)), [], 5, /status 503/],
    [
      'a redirect leaves https',
      files,
      forWeights(status(302, { location: 'http://example.com/x' })),
      [],
      5,
      /not https/,
    ],
    ['redirects lead in a circle', files, status(302, { location: '/again' }), [], 5, /more than 5 times/],
    [
      'what comes is no encoder',
      { ...files, 'config.json': '{"model_type":"t5"}' },
      undefined,
      [],
      3,
      /model_type is "t5"/,
    ],
    [
      'a small file is not the blob that the hub names',
      files,
      (path, request, response) => {
        if (!path.endsWith('/tokenizer.json')) return false;
        const etag = `"${gitBlob(files['tokenizer.json'])}"`;
        const content = String(files['tokenizer.json']).replace('river', 'rivet');
        response.writeHead(200, { etag, 'x-repo-commit': commit, 'content-length': Buffer.byteLength(content) });
        response.end(request.method === 'HEAD' ? undefined : content);
        return true;
      },
      [],
      3,
      /tokenizer\.json has the git blob hash/,
    ],
    ...['', '..', '../up', '/etc', 'a\\b'].map((path): [string, Files, undefined, string[], number, RegExp] => [
      `the pooling is in ${JSON.stringify(path)}`,
      { ...files, 'modules.json': JSON.stringify([{ path, type: 'Pooling' }]) },
      undefined,
      [],
      3,
      /modules\.json has .*path/,
    ]),
    [
      'an index names more files than a model has',
      {
        ...files,
        'model.safetensors': undefined,
        'model.safetensors.index.json': JSON.stringify({
          weight_map: Object.fromEntries(Array.from({ length: 1001 }, (_, at) => [`w${at}`, `${at}.safetensors`])),
        }),
      } as unknown as Files,
      undefined,
      [],
      3,
      /names 1001 files; expected 1000/,
    ],
    [
      'an index names a file elsewhere',
      {
        ...files,
        'model.safetensors': undefined,
        'model.safetensors.index.json': '{"weight_map":{"w":"../../w.safetensors"}}',
      } as unknown as Files,
      undefined,
      [],
      3,
      /beside it/,
    ],
  ])('%s', async (_, content, odd, options, exitCode, message) => {
    const { code, data } = await pull(await hubOf(content, odd), '--yes', ...options);
    expect(data.error.message).toMatch(message);
    expect(code).toBe(exitCode);
    expect(namesIn(place)).toEqual([]);
  });

  it('a server of https leads to what listens on this machine by http', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    const inside = await hubOf();
    const outside = await startHttps((request, response) => {
      response.writeHead(302, { location: `${inside.url}${request.url}` }).end();
    });
    hubs.push(outside);
    const { code, data } = await pull(outside, '--yes');
    expect(code).toBe(5);
    expect(data.error.message).toMatch(/is redirected to http:\/\/127\.0\.0\.1:\d+, which is not https/);
    expect(inside.requests).toEqual([]);
    expect(namesIn(place)).toEqual([]);
  });

  it('nobody listens where a redirect leads, whose signature is not printed', async () => {
    const gone = await hubOf();
    gone.close();
    for (const location of [`${gone.url}/x?signature=secret`, gone.url.replace('//', '//user:secret@')]) {
      const { code, data, notes } = await pull(await hubOf(files, status(302, { location })), '--yes');
      expect(code).toBe(5);
      expect(data.error.message).toMatch(/config\.json .*127\.0\.0\.1/);
      expect(data.error.message).toContain(new URL(gone.url).host);
      expect(JSON.stringify(data) + notes).not.toContain('secret');
    }
    expect(namesIn(place)).toEqual([]);
  });

  it('nobody listens', async () => {
    const hub = await hubOf();
    hub.close();
    const { code, data } = await pull(hub, '--yes');
    expect(code).toBe(5);
    expect(data.error.message).toMatch(/could not be fetched: .*ECONNREFUSED/);
    expect(namesIn(place)).toEqual([]);
  });

  it.each(['HEAD', 'GET'])('the server goes silent after %s', async (method) => {
    const silent: Odd = (path, request, response) => {
      if (!path.startsWith('/storage/model') || request.method !== method) return false;
      if (method === 'GET') response.writeHead(200, { 'content-length': weights.length }).write(weights.slice(0, 1000));
      return true;
    };
    const hub = await hubOf(files, silent);
    const output = createOutput(true, { out: { write: () => true }, error: { write: () => true } });
    const options = { out: join(place, 'new'), yes: true, from: hub.url, revision: 'main', mostMegabytes: 10 };
    const pulled = runModelPull('tiny/bert', options, output, new AbortController().signal, 200);
    await expect(pulled).rejects.toMatchObject({
      reason: 'network',
      message: expect.stringMatching(/nothing for 0.2 s/),
    });
    expect(namesIn(place)).toEqual([]);
  });

  it('it is interrupted while it fetches', async () => {
    const stop = new AbortController();
    const stall: Odd = (_, __, response) => {
      response.writeHead(200, { 'content-length': weights.length });
      response.write(weights.slice(0, 1000), () => stop.abort('SIGINT'));
      return true;
    };
    const hub = await hubOf(files, forWeights(stall));
    const out = join(place, 'new');
    const command = ['pull', 'tiny/bert', '--from', hub.url, '--out', out, '--yes'];
    const { code } = await modelUntil(stop.signal, () => undefined, ...command);
    expect(code).toBe(130);
    expect(namesIn(place)).toEqual([]);
  });
});

it('leaves a folder that has something in it as it is, and asks nobody', async () => {
  mkdirSync(join(place, 'new'));
  writeFileSync(join(place, 'new', 'mine'), 'mine');
  const hub = await hubOf();
  expect((await pull(hub, '--yes')).code).toBe(2);
  expect(hub.requests).toEqual([]);
  expect(namesIn(join(place, 'new'))).toEqual(['mine']);
});

it('shows the total before it is too much', async () => {
  const hub = await hubOf({ ...files, 'model.safetensors': new Uint8Array(1_200_000) });
  const { code, data } = await pull(hub, '--yes', '--most-megabytes', '1');
  expect(code).toBe(3);
  expect(data.error.message).toMatch(/What would be fetched.*larger than 1 MB/);
  expect(hub.requests.filter((request) => /^GET .*safetensors/.test(request))).toEqual([]);
});

it.each([
  ['../secret'],
  ['a/b/c'],
  ['http://example.com/model'],
  ['https://user:secret@example.com/model'],
  ['file:///etc'],
])('takes %s for no model', async (name) => {
  const { code, data } = await model('pull', name, '--out', join(place, 'new'));
  expect(code).toBe(2);
  expect(data.error.message).toMatch(/Expected an/);
});

it('reads a folder that it wrote as it reads the one it was served from', async () => {
  const served = writeFiles(join(place, 'served'), files);
  await pull(await hubOf(), '--yes');
  expect((await openEncoderFolder(join(place, 'new'))).hash).toBe((await openEncoderFolder(served)).hash);
});

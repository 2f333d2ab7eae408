import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lastLine, type Running, startTributary, tributary, until } from './command-line.ts';

const items = Array.from({ length: 24 }, (_, n) => ({ id: `private-item-${n}`, title: `Film ${n}` }));
const taskOf = (task: string, minimum: number) => ({
  version: 1,
  task,
  population: 'members',
  catalogue: 'items.json',
  model: { kind: 'implicit-als', dimension: 4 },
  rounds: 2,
  cohort: { target: 2, minimum, overSelection: 1 },
  privacy: { plan: 'sealed', clipNorm: null },
  optimizer: { kind: 'fedavg', learningRate: 0.5 },
});

describe('tributary serve, with devices', () => {
  let folder: string;
  let serving: Running;
  let url: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tributary-serve-'));
    await writeFile(join(folder, 'items.json'), JSON.stringify(items));
    await writeFile(join(folder, 'films.json'), JSON.stringify(taskOf('films', 2)));
    await writeFile(join(folder, 'books.json'), JSON.stringify(taskOf('books', 2)));
    for (const person of [1, 2]) {
      const rows = Array.from({ length: 6 }, (_, n) => `private-item-${(person * 5 + n) % 24},${1000 + n}`);
      await writeFile(join(folder, `events-${person}.csv`), ['itemId,at', ...rows].join('\n'));
    }
    serving = await serve();
  });
  afterAll(async () => {
    serving.child.kill('SIGKILL');
    await rm(folder, { recursive: true });
  });

  async function serve(): Promise<Running> {
    const words = ['serve', '--store', 'store', '--task', 'films.json', '--port', '0', '--json'];
    const running = startTributary(words, { cwd: folder });
    await until(running, () => running.text.out.includes('\n'));
    ({ url } = lastLine(running.text.out) as { url: string });
    return running;
  }

  it('makes an admin token that only its owner can read, and shows its path alone', async () => {
    const file = join(folder, 'store/admin-token');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const token = (await readFile(file, 'utf8')).trim();
    expect(serving.text.error).toContain('store/admin-token');
    expect(serving.text.out + serving.text.error).not.toContain(token);
  });

  it('takes a new task from whoever has the token, and from nobody else', async () => {
    const create = (env: Record<string, string>) =>
      tributary(['task', 'create', 'books.json', '--url', url], { cwd: folder, env });
    expect(await create({})).toMatchObject({ code: 2 });
    const wrong = await create({ TRIBUTARY_ADMIN_TOKEN: 'a-token-of-somebody-else' });
    expect(wrong.code, wrong.error).toBe(2);
    const token = (await readFile(join(folder, 'store/admin-token'), 'utf8')).trim();
    const right = await create({ TRIBUTARY_ADMIN_TOKEN: token });
    expect(right.code, right.error).toBe(0);
    // It exists by now.
    expect(await create({ TRIBUTARY_ADMIN_TOKEN: token })).toMatchObject({ code: 3 });
    const list = lastLine((await tributary(['task', 'list', '--url', url, '--json'])).out) as {
      tasks: { id: string }[];
    };
    expect(list.tasks.map(({ id }) => id).sort()).toEqual(['books', 'films']);
  });

  it('keeps its store to itself', async () => {
    const { code, error } = await tributary(['model', 'list', '--store', join(folder, 'store'), '--task', 'films']);
    expect(code, error).toBe(4);
    expect(error).toMatch(/in use/);
  });

  it('trains a task with devices that consented, and hears nothing from one that did not', async () => {
    const device = (person: number, ...words: string[]) =>
      tributary(
        ['device', '--url', url, '--task', 'films', '--events', `events-${person}.csv`, '--storage', `device-${person}`]
          .concat(['--timeout', '100', '--json', '--allow-sealed'])
          .concat(words),
        { cwd: folder },
      );
    expect(await device(3)).toMatchObject({ code: 2 });
    const ended = await Promise.all([device(1, '--consent', '--recommend', '2'), device(2, '--consent')]);
    for (const { code, error } of ended) expect(code, error).toBe(0);
    const [first, second] = ended.map(
      ({ out }) => lastLine(out) as { rounds: number; version: string; recommendations: { id: string }[] | null },
    );
    expect(first.rounds).toBe(2);
    expect(second.rounds).toBe(2);
    expect(first.version).toBe(second.version);
    expect(first.recommendations).toHaveLength(2);
    const seen = Array.from({ length: 6 }, (_, n) => `private-item-${5 + n}`);
    for (const { id } of first.recommendations ?? []) expect(seen).not.toContain(id);
  });

  it('ends in order when asked, and opens again with what it had', async () => {
    serving.child.kill('SIGTERM');
    const { code, out, error } = await serving.finished;
    expect(code).toBe(0);
    // Catalogues are public, but who had which item is not: neither log nor output names one.
    expect(out + error).not.toContain('private-item');
    const before = await tributary(['model', 'list', '--store', join(folder, 'store'), '--task', 'films', '--json']);
    const { current, versions } = lastLine(before.out) as { current: string; versions: unknown[] };
    expect(versions).toHaveLength(3);
    serving = await serve();
    const answer = await fetch(`${url}/tasks/films/versions`);
    expect(await answer.json()).toMatchObject({ current });
  });

  it('is refused a device of another task, with the reason', async () => {
    const words = ['device', '--url', url, '--task', 'music', '--storage', join(folder, 'device-9'), '--consent'];
    const { code, error } = await tributary(words);
    expect(code, error).toBe(5);
    expect(error).toMatch(/music|task/);
  });
});

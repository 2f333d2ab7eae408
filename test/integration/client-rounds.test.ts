/** The SDK and the real coordinator over real sockets. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createIdentity, systemRandom } from '@tributary/privacy';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../../packages/client/src/testing/until.ts';
import { startProxy, startWorld, task, taskDocument, type World } from './client-world.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
let world: World;
afterEach(() => world.close());

const ended = { outcome: 'ended', reason: 'all 3 rounds are done' };
/** Larger than one chunk either way: 8 x 20,000 floats. */
const largeCatalogue = 20_000;
const alone = taskDocument({
  rounds: 1,
  cohort: { target: 2, minimum: 2, overSelection: 1, selectionSeconds: 5, collectionSeconds: 40 },
});

describe('devices and a coordinator', () => {
  it('complete a task of three rounds, eight together', async () => {
    world = await startWorld();
    const devices = await Promise.all(Array.from({ length: 8 }, () => world.device()));
    for (const { tributary } of devices) tributary.start();
    for (const { tributary } of devices) expect(await tributary.finished).toEqual(ended);
    expect(devices.flatMap(({ errors }) => errors)).toEqual([]);
    const uploads = devices.flatMap(({ rounds }) => rounds.filter(({ phase }) => phase === 'uploaded'));
    const rounds = await world.store.rounds(task, 100);
    expect(rounds.map(({ outcome }) => outcome)).toEqual(['closed', 'closed', 'closed']);
    expect(uploads.length).toBe(rounds.reduce((sum, { contributions }) => sum + contributions, 0));
    expect(world.failures).toEqual([]);
    const { items, basis } = await devices[0].tributary.recommend({ count: 5 });
    expect(basis).toBe('history');
    expect(new Set(items.map(({ score }) => score)).size).toBeGreaterThan(1);
  });

  it('finish although the coordinator goes down in the middle of a round', async () => {
    world = await startWorld();
    const devices = await Promise.all(Array.from({ length: 8 }, () => world.device()));
    for (const { tributary } of devices) tributary.start();
    await until(() => devices.some(({ rounds }) => rounds.some(({ phase }) => phase === 'training')));
    await world.restart();
    for (const { tributary } of devices) expect(await tributary.finished).toEqual(ended);
    const closed = (await world.store.rounds(task, 100)).filter(({ outcome }) => outcome === 'closed');
    expect(closed).toHaveLength(3);
  });

  it('go on with an upload where the connection was cut', async () => {
    world = await startWorld(alone, largeCatalogue);
    const proxy = await startProxy(world.url);
    const cutOff = await world.device({ url: proxy.url });
    const other = await world.device();
    cutOff.tributary.on('round', ({ phase }) => {
      if (phase === 'uploading' && proxy.cuts() === 0) proxy.cutAfter('up', 400_000);
    });
    cutOff.tributary.start();
    other.tributary.start();
    expect(await cutOff.tributary.finished).toMatchObject({ outcome: 'ended' });
    expect(proxy.cuts()).toBe(1);
    const up = cutOff.progress.filter(({ direction }) => direction === 'up').map(({ transferred }) => transferred);
    // Every chunk is acknowledged once, in order, across both connections.
    expect(up).toEqual([...new Set(up)].toSorted((a, b) => a - b));
    expect(up.at(-1)).toBe(cutOff.progress.at(-1)?.direction === 'up' ? cutOff.progress.at(-1)?.total : up.at(-1));
    expect(cutOff.rounds.filter(({ phase }) => phase === 'training')).toHaveLength(1);
    const [round] = await world.store.rounds(task, 100);
    expect(round).toMatchObject({ outcome: 'closed', contributions: 2 });
    await proxy.close();
  });

  it('go on with a download where the connection was cut', async () => {
    world = await startWorld(alone, largeCatalogue);
    const proxy = await startProxy(world.url);
    proxy.cutAfter('down', 1_500_000);
    const { tributary, progress } = await world.device({ url: proxy.url });
    tributary.start();
    await until(() => tributary.state === 'waiting');
    expect(proxy.cuts()).toBe(1);
    for (const kind of ['catalogue', 'model']) {
      const down = progress.filter((each) => each.kind === kind);
      const steps = down.map(({ transferred }) => transferred);
      expect(steps).toEqual([...new Set(steps)].toSorted((a, b) => a - b));
      expect(steps.at(-1)).toBe(down.at(-1)?.total);
    }
    await proxy.close();
  });

  it('hold one identity each: a second one is refused, and the first goes on', async () => {
    world = await startWorld();
    const identity = createIdentity(systemRandom);
    const first = await world.device({ identity });
    const second = await world.device({ identity });
    first.tributary.start();
    await until(() => first.tributary.state === 'waiting');
    second.tributary.start();
    expect(await second.tributary.finished).toMatchObject({ outcome: 'failed', error: { code: 'identity-in-use' } });
    expect(first.tributary.state).toBe('waiting');
    expect(first.errors).toEqual([]);
  });

  it('do not believe a coordinator that holds another key', async () => {
    world = await startWorld();
    const { tributary } = await world.device({ coordinatorKey: 'ab'.repeat(32) });
    tributary.start();
    expect(await tributary.finished).toMatchObject({ outcome: 'failed', error: { code: 'coordinator-key' } });
  });

  it('are told when there is no such task', async () => {
    world = await startWorld();
    const { tributary } = await world.device({ task: 'another' });
    tributary.start();
    expect(await tributary.finished).toMatchObject({ outcome: 'failed', error: { code: 'unknown-task' } });
  });

  it('send nothing while consent is pending', async () => {
    world = await startWorld();
    const proxy = await startProxy(world.url);
    let connections = 0;
    const { tributary } = await world.device({ url: proxy.url, consent: 'pending' });
    tributary.on('state', ({ state }) => {
      if (state === 'connecting') connections++;
    });
    tributary.start();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(connections).toBe(0);
    expect(proxy.accepted()).toBe(0);
    await tributary.consent.grant();
    await until(() => tributary.state === 'waiting');
    expect(proxy.accepted()).toBe(1);
    await tributary.stop();
    await proxy.close();
  });
});

describe("the README's ten lines", () => {
  it('are the example that runs here', async () => {
    world = await startWorld(
      taskDocument({
        rounds: 1,
        cohort: { target: 24, minimum: 20, overSelection: 1, selectionSeconds: 30, collectionSeconds: 20 },
        privacy: { plan: 'secure', clipNorm: 5 },
      }),
    );
    const example = await readFile(join(root, 'packages/client/examples/ten-lines.ts'), 'utf8');
    expect(await readFile(join(root, 'packages/client/README.md'), 'utf8')).toContain(`\`\`\`ts\n${example}\`\`\``);

    const others = await Promise.all(Array.from({ length: 23 }, () => world.device()));
    for (const { tributary } of others) tributary.start();
    const folder = await mkdtemp(join(tmpdir(), 'tributary-example-'));
    const child = spawn(
      process.execPath,
      [
        '--import',
        import.meta.resolve('tsx'),
        '--conditions=source',
        join(root, 'packages/client/examples/ten-lines.ts'),
      ],
      { cwd: folder, env: { ...process.env, TRIBUTARY_URL: world.url }, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let out = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    const [code] = await once(child, 'exit');
    await rm(folder, { recursive: true });
    expect(code).toBe(0);
    expect(out).toMatch(/Thing \d+(, Thing \d+){4}\n$/);
  });
});

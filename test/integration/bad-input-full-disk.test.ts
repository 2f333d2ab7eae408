/** A disk that fills up under a coordinator, a device and a command: each says so, and what was there before is intact. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTributary } from '@tributary/client';
import { fileStorage } from '@tributary/client/node';
import { type Coordinator, createCoordinator, loadCoordinatorIdentity, openStore } from '@tributary/coordinator';
import { systemRandom } from '@tributary/privacy';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { catalogueOf, task, taskDocument } from './client-world.ts';
import { commandLine, exitCodes } from './command-in-process.ts';

const items = 4000;
const document = taskDocument({
  rounds: 2,
  cohort: { target: 2, minimum: 2, overSelection: 1, selectionSeconds: 5, collectionSeconds: 30 },
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-full-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('a coordinator whose store cannot grow', () => {
  it('pauses the task with the last version in force; with space again, the same devices finish it', async () => {
    const identity = await loadCoordinatorIdentity(folder, systemRandom);
    let store = await openStore(folder);
    const serve = (port: number) => createCoordinator({ store, identity, port, adminToken: 'token-of-a-test' });
    let coordinator: Coordinator = await serve(0);
    const { port, url } = coordinator;
    await coordinator.createTask(document, catalogueOf(items));
    await coordinator.close();
    await store.close();

    const pages = Math.ceil((await stat(join(folder, 'store.sqlite'))).size / 4096);
    // Room for the records of rounds, and not for another version of 4,000 x 8 floats.
    store = await openStore(folder, { maximumPages: pages + 10 });
    coordinator = await serve(port);
    const paused = new Promise<string>((resolve) => coordinator.on('task', ({ reason }) => resolve(reason)));
    const devices = await Promise.all(
      [1, 2].map(() =>
        createTributary({
          url,
          task,
          consent: 'granted',
          agreement: { plans: ['sealed'] },
          backoff: { baseMilliseconds: 30, maximumMilliseconds: 200 },
        }),
      ),
    );
    for (const device of devices) for (const i of [1, 2, 3]) await device.track({ type: 'view', itemId: `sku-${i}` });
    expect(await paused).toMatch(
      /cannot grow: the disk is full\. Nothing of the last write was kept; free space and start/,
    );
    expect(await store.versions(task)).toHaveLength(1);
    const other = await fetch(`${url}/tasks`, {
      method: 'POST',
      headers: { authorization: 'Bearer token-of-a-test', 'content-type': 'application/json' },
      body: JSON.stringify({ document: { ...document, task: 'other' }, catalogue: catalogueOf(items + 1) }),
    });
    expect(other.status).toBe(507);
    expect(await store.tasks()).toHaveLength(1);
    await coordinator.close();
    await store.close();

    store = await openStore(folder);
    coordinator = await serve(port);
    for (const device of devices) expect(await device.finished).toMatchObject({ outcome: 'ended' });
    const closed = (await store.rounds(task, 100)).filter(({ outcome }) => outcome === 'closed');
    expect(closed).toHaveLength(2);
    expect(await store.versions(task)).toHaveLength(3);
    await Promise.all(devices.map((device) => device.stop()));
    await coordinator.close();
    await store.close();
  });
});

/** A disk of so many bytes at the folder, where this user may mount one. */
function mountSmallDisk(at: string, bytes: number): (() => void) | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return null;
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', at], { stdio: 'ignore' });
  } catch {
    return null;
  }
  return () => execFileSync('umount', ['-l', at], { stdio: 'ignore' });
}

describe('a real disk that is full', () => {
  const needed = 'mounting a small disk needs root on Linux';

  it('refuses an event by name, and keeps every event before it', async (context) => {
    const unmount = mountSmallDisk(folder, 65_536);
    if (!unmount) return context.skip(needed);
    try {
      const storage = await fileStorage(join(folder, 'device'));
      await writeFile(join(folder, 'filler'), Buffer.alloc(16_384));
      const device = await createTributary({ url: 'http://127.0.0.1:9', task, autoStart: false, storage });
      let kept = 0;
      const failure = await (async () => {
        for (; kept < 10_000; kept++) await device.track({ type: 'view', itemId: `sku-${kept % 50}`, at: kept });
        return null;
      })().catch((error: unknown) => error);
      expect(kept).toBeGreaterThan(10);
      expect(failure).toMatchObject({ code: 'storage-failed' });
      expect(String(failure)).toMatch(/the disk is full\. Free some space; what was stored before is intact/);
      expect(String(failure)).not.toContain('sku-');
      await device.stop();

      await rm(join(folder, 'filler'));
      const again = await fileStorage(join(folder, 'device'));
      expect(await again.listInteractions()).toHaveLength(kept);
      await again.appendInteraction({ type: 'view', itemId: 'sku-1', at: kept });
      await again.close();
    } finally {
      unmount();
    }
  });

  it('ends commands with the store’s exit code, and leaves no half of a file', async (context) => {
    const whole = join(folder, 'whole');
    const small = await mkdtemp(join(tmpdir(), 'tributary-small-disk-'));
    const store = await openStore(whole);
    const identity = await loadCoordinatorIdentity(whole, systemRandom);
    const coordinator = await createCoordinator({ store, identity });
    await coordinator.createTask(document, catalogueOf(items));
    await coordinator.close();
    await store.close();
    const unmount = mountSmallDisk(small, 65_536);
    try {
      if (!unmount) return context.skip(needed);
      const exporting = ['model', 'export', join(small, 'model.safetensors'), '--store', whole, '--task', task];
      const exported = await commandLine(exporting);
      expect(exported.code, exported.error).toBe(exitCodes.store.code);
      expect(exported.error).toContain('The disk is full');
      expect(await readdir(small)).toEqual([]);
      const plan = join(folder, 'task.json');
      await writeFile(join(folder, 'items.json'), JSON.stringify(catalogueOf(items)));
      await writeFile(plan, JSON.stringify({ ...document, catalogue: 'items.json' }));
      const created = await commandLine(['task', 'create', plan, '--store', join(small, 'store')]);
      expect(created.code, created.error).toBe(exitCodes.store.code);
      expect(created.error).toMatch(/disk .*is full/);
    } finally {
      unmount?.();
      await rm(small, { recursive: true });
    }
    expect((await readFile(join(whole, 'store.sqlite'))).length).toBeGreaterThan(0);
  });
});

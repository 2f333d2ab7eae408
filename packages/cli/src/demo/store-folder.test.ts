import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '@tributary/coordinator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { demoMark, prepareDemoFolder } from './store-folder.ts';

describe('prepareDemoFolder', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'tributary-demo-folder-'));
  });
  afterEach(() => rm(root, { recursive: true }));
  const prepare = prepareDemoFolder;
  const refusal = expect.objectContaining({ reason: 'store' });

  it('makes a folder with its parents and marks it', async () => {
    await prepare(join(root, 'a', 'b'));
    expect(await readdir(join(root, 'a', 'b'))).toEqual([demoMark]);
  });

  it('takes an empty folder', async () => {
    await prepare(root);
    expect(await readdir(root)).toEqual([demoMark]);
  });

  it('replaces an earlier demo', async () => {
    await prepare(root);
    await writeFile(join(root, 'store.sqlite'), 'old');
    await prepare(root);
    expect(await readdir(root)).toEqual([demoMark]);
  });

  it('does not take a store from under a running coordinator', async () => {
    await prepare(root);
    const store = await openStore(root);
    await expect(prepare(root)).rejects.toMatchObject({ code: 'locked' });
    await store.close();
    await prepare(root);
    expect(await readdir(root)).toEqual([demoMark]);
  });

  it('leaves a folder alone that no demo made', async () => {
    await writeFile(join(root, 'store.sqlite'), 'a real store');
    await expect(prepare(root)).rejects.toEqual(refusal);
    expect(await readFile(join(root, 'store.sqlite'), 'utf8')).toBe('a real store');
  });

  it('leaves a demo folder alone in which somebody keeps something', async () => {
    await prepare(root);
    await writeFile(join(root, 'store.sqlite'), 'old');
    await writeFile(join(root, 'model.safetensors'), 'kept');
    await expect(prepare(root)).rejects.toEqual(refusal);
    expect((await readdir(root)).sort()).toEqual(['model.safetensors', 'store.sqlite', demoMark].sort());
  });

  it('follows no link and replaces no file', async () => {
    await mkdir(join(root, 'real'));
    await symlink(join(root, 'real'), join(root, 'link'));
    await writeFile(join(root, 'file'), '');
    await expect(prepare(join(root, 'link'))).rejects.toEqual(refusal);
    await expect(prepare(join(root, 'file'))).rejects.toEqual(refusal);
  });
});

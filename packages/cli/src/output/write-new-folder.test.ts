import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeNewFolder } from './write-new-folder.ts';

let place = '';
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'new-folder-'));
});
afterEach(() => rmSync(place, { recursive: true }));

const writeOne = (folder: string) => writeFile(join(folder, 'one'), '1');

it('makes a folder, with those above it, or fills an empty one', async () => {
  await writeNewFolder(join(place, 'a', 'b'), writeOne);
  expect(readFileSync(join(place, 'a', 'b', 'one'), 'utf8')).toBe('1');
  mkdirSync(join(place, 'empty'));
  await writeNewFolder(join(place, 'empty'), writeOne);
  expect(readdirSync(place).toSorted()).toEqual(['a', 'empty']);
});

it('leaves what is there as it is', async () => {
  mkdirSync(join(place, 'full'));
  writeFileSync(join(place, 'full', 'mine'), 'mine');
  writeFileSync(join(place, 'file'), 'mine');
  for (const name of ['full', 'file']) {
    const writing = writeNewFolder(join(place, name), writeOne);
    await expect(writing).rejects.toMatchObject({ name: 'CommandError', reason: 'usage' });
  }
  expect(readdirSync(join(place, 'full'))).toEqual(['mine']);
});

it('leaves nothing behind where writing fails', async () => {
  const writing = writeNewFolder(join(place, 'new'), async (folder) => {
    await writeOne(folder);
    throw new Error('disk');
  });
  await expect(writing).rejects.toThrow('disk');
  expect(readdirSync(place)).toEqual([]);
});

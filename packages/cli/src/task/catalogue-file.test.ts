import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandError } from '../exit/command-error.ts';
import { readCatalogueFile } from './catalogue-file.ts';

describe('readCatalogueFile', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tributary-catalogue-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function read(content: string) {
    const path = join(folder, 'items.json');
    await writeFile(path, content);
    return readCatalogueFile(path);
  }

  it('keeps the order of the file and fills in what may be left out', async () => {
    const items = await read('[{"id":"b","title":"B"},{"id":"a","title":"A","attributes":["x"],"description":"d"}]');
    expect(items).toEqual([
      { id: 'b', title: 'B', attributes: [], description: '' },
      { id: 'a', title: 'A', attributes: ['x'], description: 'd' },
    ]);
  });

  it.each([
    ['no JSON', '[{', /not JSON/, undefined],
    ['no array', '{}', /not a catalogue/, ''],
    ['no item', '[]', /not a catalogue/, ''],
    ['an item without an id', '[{"id":"a","title":"A"},{"title":"B"}]', /1 problems/, '1.id'],
    ['an unknown field', '[{"id":"a","title":"A","price":3}]', /1 problems/, '0'],
    ['a repeated id', '[{"id":"a","title":"A"},{"id":"a","title":"B"}]', /one id/, '1.id'],
  ])('refuses %s', async (_, content, message, path) => {
    const error = (await read(content).catch((thrown: unknown) => thrown)) as CommandError;
    expect(error.reason).toBe('input');
    expect(error.message).toMatch(message);
    expect(error.problems[0]?.path).toBe(path);
  });

  it('says where a missing catalogue was looked for', async () => {
    await expect(readCatalogueFile(join(folder, 'absent.json'))).rejects.toThrow(/absent\.json/);
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandError } from '../exit/command-error.ts';
import { readEventsFile } from './events-file.ts';

describe('readEventsFile', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tributary-events-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function read(text: string) {
    const path = join(folder, 'events.csv');
    await writeFile(path, text);
    return readEventsFile(path);
  }

  it('reads ids with and without times', async () => {
    expect(await read('itemId,at\nsku-1,2026-01-02T00:00:00Z\n"sku,2",1767312000000\nsku-3,\n')).toEqual([
      { itemId: 'sku-1', at: 1767312000000 },
      { itemId: 'sku,2', at: 1767312000000 },
      { itemId: 'sku-3', at: null },
    ]);
    expect(await read('itemId\r\nsku-1\r\n')).toEqual([{ itemId: 'sku-1', at: null }]);
  });

  it.each([
    ['a missing column', 'item\nsku-secret\n', 1],
    ['an empty id', 'itemId,at\nsku-secret,1\n,2\n', 3],
    ['a time that is none', 'itemId,at\nsku-secret,yesterday\n', 2],
    ['a time that overflows', 'itemId,at\nsku-secret,9999999999999999\n', 2],
    ['too many fields', 'itemId,at\nsku-1,1\nsku-secret,1,2\n', 3],
    ['an open quote', 'itemId,at\n"sku-secret,1\n', null],
    ['nothing', '', null],
    ['a header alone', 'itemId,at\n', null],
  ])('refuses %s with its line, and without repeating the person’s data', async (_, text, line) => {
    const error = (await read(text).catch((thrown: unknown) => thrown)) as CommandError;
    expect(error.reason).toBe('input');
    if (line !== null) expect(error.problems[0].line).toBe(line);
    expect(JSON.stringify([error.message, error.problems, error.advice])).not.toContain('secret');
  });
});

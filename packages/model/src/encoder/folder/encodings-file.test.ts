import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { encodingKey } from '../../encodings/encode-once.ts';
import { fileEncodings } from './encodings-file.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'encodings-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const key = (text: string) => encodingKey({ hash: 'a', adapterHash: null }, text);
const vector = (first: number) => Float32Array.of(first, -0.1, 3e-38);
const file = () => join(folder, 'encodings-3.bin');

test('what one process keeps, the next finds, to the bit', async () => {
  const first = fileEncodings(folder);
  await first.set(key('x'), vector(1));
  await first.set(key('y'), vector(2));
  const second = fileEncodings(folder);
  expect(await second.get(key('y'), 3)).toEqual(vector(2));
  expect(await second.get(key('x'), 3)).toEqual(vector(1));
  expect(await second.get(key('x'), 4)).toBeNull();
  expect(await second.get(key('z'), 3)).toBeNull();
});

test('a changed record is not believed, and the others are', async () => {
  const first = fileEncodings(folder);
  for (const [at, text] of ['x', 'y', 'z'].entries()) await first.set(key(text), vector(at));
  const bytes = await readFile(file());
  bytes[52 + 40] ^= 1;
  await writeFile(file(), bytes);
  const second = fileEncodings(folder);
  expect(await second.get(key('y'), 3)).toBeNull();
  expect(await second.get(key('x'), 3)).toEqual(vector(0));
  expect(await second.get(key('z'), 3)).toEqual(vector(2));
});

test('after a record that was cut off, new ones are kept and found', async () => {
  const first = fileEncodings(folder);
  await first.set(key('x'), vector(1));
  await first.set(key('y'), vector(2));
  await truncate(file(), 52 + 20);
  const second = fileEncodings(folder);
  expect(await second.get(key('y'), 3)).toBeNull();
  await second.set(key('y'), vector(5));
  expect(await fileEncodings(folder).get(key('y'), 3)).toEqual(vector(5));
});

import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { sign, systemRandom, verify } from '@tributary/privacy';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreError } from '../store/store-error.ts';
import { keyFileName, loadCoordinatorIdentity } from './keys.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coordinator-key-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("the coordinator's key", () => {
  it('is made once, for its owner alone, and is the same ever after', async () => {
    const inner = join(folder, 'new', 'store');
    const first = await loadCoordinatorIdentity(inner, systemRandom);
    const again = await loadCoordinatorIdentity(inner, systemRandom);
    expect(again.publicKey).toEqual(first.publicKey);
    const message = new TextEncoder().encode('version');
    expect(verify(sign(message, again.secretKey), message, first.publicKey)).toBe(true);
    expect((await stat(join(inner, keyFileName))).mode & 0o777).toBe(0o600);
    expect(await readdir(inner)).toEqual([keyFileName]);
  });

  it('is one key when several starts make it at once', async () => {
    const made = await Promise.all([1, 2, 3, 4].map(() => loadCoordinatorIdentity(folder, systemRandom)));
    expect(new Set(made.map(({ publicKey }) => Buffer.from(publicKey).toString('hex'))).size).toBe(1);
  });

  it('does not show itself', async () => {
    const identity = await loadCoordinatorIdentity(folder, systemRandom);
    const [, seed] = (await readFile(join(folder, keyFileName), 'latin1')).split(' ');
    expect(inspect(identity, { depth: 9, showHidden: true }) + JSON.stringify(identity)).not.toContain(seed);
  });

  it.each([
    ['cut short', (text: string) => text.slice(0, -10)],
    [
      'with one digit changed',
      (text: string) => text.replace(/ ([0-9a-f])/, (_, digit) => ` ${digit === '0' ? '1' : '0'}`),
    ],
    ['empty', () => ''],
  ])('is refused %s, left as it is, and the message shows no digit of it', async (_, damage) => {
    await loadCoordinatorIdentity(folder, systemRandom);
    const file = join(folder, keyFileName);
    const whole = await readFile(file, 'latin1');
    const damaged = damage(whole);
    await writeFile(file, damaged);
    const error = await loadCoordinatorIdentity(folder, systemRandom).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StoreError);
    expect(error).toMatchObject({ code: 'damaged', message: expect.stringContaining('backup') });
    expect((error as Error).message).not.toContain(whole.split(' ')[1].slice(1, 20));
    expect(await readFile(file, 'latin1')).toBe(damaged);
  });

  it('says so where its folder cannot be written', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    await expect(loadCoordinatorIdentity(join(file, 'store'), systemRandom)).rejects.toMatchObject({
      code: 'not-writable',
    });
  });
});

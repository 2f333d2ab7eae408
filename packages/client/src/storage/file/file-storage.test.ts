/** What only a storage on disk has to stand: restarts, damage, other processes, a disk that does not take any more. */
import { spawn } from 'node:child_process';
import { appendFile, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StorageError } from '../../errors/tributary-error.ts';
import { fileStorage } from './file-storage.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-files-'));
});
afterEach(() => rm(folder, { recursive: true }));

const view = (itemId: string) => ({ type: 'view', itemId, at: 1 });

describe('fileStorage', () => {
  it('keeps everything across a restart', async () => {
    const first = await fileStorage(folder);
    await first.appendInteraction(view('a'));
    await first.writeRecord('participation', { lastRound: 3, contributions: 2 });
    await first.close();
    const second = await fileStorage(folder);
    expect(await second.listInteractions()).toEqual([view('a')]);
    expect(await second.readRecord('participation')).toEqual({ lastRound: 3, contributions: 2 });
    await second.close();
  });

  it('makes its files readable by their owner alone', async () => {
    const storage = await fileStorage(folder);
    await storage.appendInteraction(view('a'));
    await storage.writeRecord('identity', { publicKey: 'aa', secretKey: 'bb' });
    await storage.close();
    for (const name of ['interactions.jsonl', 'identity.json']) {
      expect((await stat(join(folder, name))).mode & 0o077).toBe(0);
    }
  });

  it('leaves no half-written file and no lock behind', async () => {
    const storage = await fileStorage(folder);
    for (let i = 0; i < 5; i++) await storage.writeRecord('participation', { lastRound: i, contributions: i });
    await storage.close();
    expect((await readdir(folder)).toSorted()).toEqual(['blobs', 'participation.json']);
  });

  it('drops the torn end of a line that was never acknowledged, and goes on', async () => {
    const first = await fileStorage(folder);
    await first.appendInteraction(view('a'));
    await first.close();
    await appendFile(join(folder, 'interactions.jsonl'), '0123456789abcdef {"type":"vie');
    const second = await fileStorage(folder);
    await second.appendInteraction(view('b'));
    await second.close();
    const third = await fileStorage(folder);
    expect(await third.listInteractions()).toEqual([view('a'), view('b')]);
    await third.close();
  });

  it('names a damaged line and loses nothing else', async () => {
    const first = await fileStorage(folder);
    for (const id of ['a', 'b', 'c']) await first.appendInteraction(view(id));
    await first.writeRecord('consent', { status: 'granted', version: '1', at: 1 });
    await first.close();
    const path = join(folder, 'interactions.jsonl');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('"b"', '"x"'));
    const second = await fileStorage(folder);
    const failure = second.listInteractions();
    await expect(failure).rejects.toThrow(StorageError);
    await expect(failure).rejects.toMatchObject({
      code: 'storage-damaged',
      message: expect.stringMatching(
        /interactions\.jsonl is damaged: line 2 .*Restore it from a backup, or move it away/,
      ),
    });
    await expect(second.appendInteraction(view('d'))).rejects.toMatchObject({ code: 'storage-damaged' });
    expect(await second.readRecord('consent')).toMatchObject({ status: 'granted' });
    expect(await readFile(path, 'utf8')).toBe(text.replace('"b"', '"x"'));
    await second.close();
  });

  it.each([
    ['cut in the middle', (text: string) => text.slice(0, text.length / 2), 'storage-damaged'],
    ['empty', () => '', 'storage-damaged'],
    ['changed in one letter', (text: string) => text.replace('granted', 'denied!'), 'storage-damaged'],
    ['of a newer format', (text: string) => text.replace('"format":1', '"format":2'), 'storage-newer'],
  ])('refuses a record that is %s', async (_, damage, code) => {
    const first = await fileStorage(folder);
    await first.writeRecord('consent', { status: 'granted', version: '1', at: 1 });
    await first.close();
    const path = join(folder, 'consent.json');
    await writeFile(path, damage(await readFile(path, 'utf8')));
    const second = await fileStorage(folder);
    await expect(second.readRecord('consent')).rejects.toMatchObject({ code, message: expect.stringContaining(path) });
    await second.close();
  });

  it('refuses a blob whose bytes are not those of its name', async () => {
    const hash = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'; // SHA-256 of "test"
    const storage = await fileStorage(folder);
    await storage.writeBlob(hash, new TextEncoder().encode('test'));
    await writeFile(join(folder, 'blobs', hash), 'tesT');
    await expect(storage.readBlob(hash)).rejects.toMatchObject({ code: 'storage-damaged' });
    await storage.close();
  });

  it('is refused a second time in one process, until it is closed', async () => {
    const first = await fileStorage(folder);
    await expect(fileStorage(folder)).rejects.toMatchObject({ code: 'storage-locked' });
    await first.close();
    await (await fileStorage(folder)).close();
  });

  it('is refused while another process holds it, and taken over when that one is killed', async () => {
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    const exited = new Promise((resolve) => other.once('exit', resolve));
    try {
      await writeFile(join(folder, 'lock'), JSON.stringify({ process: other.pid, token: 'other' }));
      await expect(fileStorage(folder)).rejects.toMatchObject({
        code: 'storage-locked',
        message: expect.stringContaining(`in use by process ${other.pid}`),
      });
    } finally {
      other.kill('SIGKILL');
      await exited;
    }
    const storage = await fileStorage(folder);
    await storage.appendInteraction(view('a'));
    await storage.close();
  });

  it('takes over a lock that its own process number left in an earlier life', async () => {
    await writeFile(join(folder, 'lock'), JSON.stringify({ process: process.pid, token: 'earlier' }));
    await (await fileStorage(folder)).close();
  });

  it('says what to do when the path is not a folder', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(fileStorage(join(folder, 'file'))).rejects.toMatchObject({
      code: 'storage-failed',
      message: expect.stringContaining('Give the path of a folder'),
    });
  });

  it.skipIf(process.platform !== 'linux')('says that the disk is full, and keeps what was stored before', async () => {
    const storage = await fileStorage(folder);
    await storage.writeRecord('participation', { lastRound: 1, contributions: 1 });
    // /dev/full answers every write with ENOSPC.
    await symlink('/dev/full', join(folder, 'participation.json.new'));
    await expect(storage.writeRecord('participation', { lastRound: 2, contributions: 2 })).rejects.toMatchObject({
      code: 'storage-failed',
      message: expect.stringMatching(/disk is full\. Free some space/),
    });
    expect(await storage.readRecord('participation')).toEqual({ lastRound: 1, contributions: 1 });
    await storage.close();
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromSource, lastLine, tributary } from './command-line.ts';

describe('exit codes of the real command', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tributary-exit-'));
    await writeFile(join(folder, 'wrong.yaml'), 'version: 1\ntask: Films!\nrounds: 0\ncolour: red\n');
    await writeFile(join(folder, 'not-a-store'), 'text');
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is 0 for help and the version, on standard output', async () => {
    const help = await tributary(['--help']);
    expect(help).toMatchObject({ code: 0, error: '' });
    expect(help.out).toContain('$ tributary demo');
    expect((await tributary(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('is 2 for a wrong option, which is named', async () => {
    const { code, out, error } = await tributary(['demo', '--devices', 'many']);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(error).toContain('--devices');
  });

  it('is 3 for a bad task document, every problem with its line', async () => {
    const { code, out, error } = await tributary(['task', 'check', 'wrong.yaml', '--json'], { cwd: folder });
    expect(code).toBe(3);
    const { error: document } = lastLine(out) as { error: { problems: { path: string; line: number | null }[] } };
    const lines = Object.fromEntries(document.problems.map(({ path, line }) => [path, line]));
    expect(lines).toMatchObject({ task: 2, rounds: 3, '': 4 });
    expect(Object.keys(lines)).toEqual(
      expect.arrayContaining(['population', 'model', 'cohort', 'privacy', 'optimizer']),
    );
    expect(error).toContain('line 2, task:');
    expect(error).not.toContain('    at ');
  });

  it('is 3 for a data set that is not there', async () => {
    const { code, error } = await tributary(['data', 'describe', join(folder, 'absent')]);
    expect(code).toBe(3);
    expect(error).toContain('absent');
  });

  it('is 4 for a store that is none, and it is left alone', async () => {
    for (const words of [
      ['model', 'list', '--store', 'not-a-store', '--task', 'films'],
      ['demo', '--store', 'not-a-store', '--devices', '20', '--rounds', '1'],
    ]) {
      const { code, error } = await tributary(words, { cwd: folder });
      expect(code, error).toBe(4);
      expect(error).not.toContain('    at ');
    }
  });

  it.skipIf(process.platform !== 'linux')(
    'is 4 where the result cannot be written, since the disk is full',
    async () => {
      const full = await open('/dev/full', 'w');
      const child = spawn(process.execPath, [...fromSource, 'data', 'describe', 'synthetic', '--json'], {
        stdio: ['ignore', full.fd, 'pipe'],
      });
      let error = '';
      child.stderr?.setEncoding('utf8').on('data', (part: string) => {
        error += part;
      });
      const [code] = await once(child, 'close');
      await full.close();
      expect(code, error).toBe(4);
      expect(error).toContain('The disk is full');
    },
  );

  it('is 5 for a port in use and for a coordinator that is not there', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const port = String((taken.address() as { port: number }).port);
    const serving = await tributary(['serve', '--store', join(folder, 'store'), '--port', port]);
    expect(serving.code, serving.error).toBe(5);
    expect(serving.error).toContain(port);
    taken.close();
    const listing = await tributary(['task', 'list', '--url', `http://127.0.0.1:${port}`]);
    expect(listing.code, listing.error).toBe(5);
  });

  it('shows where an error came from with TRIBUTARY_DEBUG=1 only', async () => {
    const words = ['task', 'check', join(folder, 'absent.yaml')];
    expect((await tributary(words)).error).not.toContain('    at ');
    expect((await tributary(words, { env: { TRIBUTARY_DEBUG: '1' } })).error).toContain('    at ');
  });
});

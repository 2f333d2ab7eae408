import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { adminTokenFile, openAdminToken } from './admin-token.ts';

describe('openAdminToken', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tributary-token-'));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const permissions = async () => (await stat(join(folder, adminTokenFile))).mode & 0o777;

  it('makes one that only its owner can read, and keeps it', async () => {
    const first = await openAdminToken(folder, undefined);
    expect(first.made).toBe(true);
    expect(Buffer.from(first.token, 'base64url')).toHaveLength(32);
    expect(await permissions()).toBe(0o600);
    expect(await openAdminToken(folder, undefined)).toEqual({ ...first, made: false });
  });

  it('closes a file that others can read', async () => {
    await openAdminToken(folder, undefined);
    await chmod(join(folder, adminTokenFile), 0o644);
    await openAdminToken(folder, undefined);
    expect(await permissions()).toBe(0o600);
  });

  it('takes a given one and writes nothing', async () => {
    expect((await openAdminToken(folder, 'a-long-enough-secret')).token).toBe('a-long-enough-secret');
    await expect(readFile(join(folder, adminTokenFile))).rejects.toThrow();
  });

  it('refuses one that is no secret, without repeating it', async () => {
    const error = await openAdminToken(folder, 'hunter2').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ reason: 'usage' });
    expect(String(error)).not.toContain('hunter2');
    await writeFile(join(folder, adminTokenFile), '');
    await expect(openAdminToken(folder, undefined)).rejects.toMatchObject({ reason: 'usage' });
  });
});

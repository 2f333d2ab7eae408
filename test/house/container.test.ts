import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { freePort } from '../free-port.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const dockerfile = readFileSync(join(root, 'docker/Dockerfile'), 'utf8');
const scratch = mkdtempSync(join(tmpdir(), 'tributary-container-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** The arguments of the last instruction of that name. */
function instruction(name: string): string {
  const lines = dockerfile.replaceAll('\\\n', ' ').split('\n');
  const found = lines.filter((line) => line.trimStart().startsWith(`${name} `)).at(-1);
  if (!found) throw new Error(`docker/Dockerfile has no ${name} instruction`);
  return found.trim().slice(name.length + 1);
}

/** Copies what a clean clone would hold, as the build context. */
function copySources(to: string): void {
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' });
  for (const file of files.split('\n').filter(Boolean)) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    cpSync(join(root, file), join(to, file));
  }
}

describe('the container image', () => {
  it('builds, starts and passes its health check by the steps of the Dockerfile', { timeout: 600_000 }, async () => {
    const source = join(scratch, 'source');
    const application = join(scratch, 'application');
    // A second try begins anew.
    for (const folder of [source, application]) rmSync(folder, { recursive: true, force: true });
    copySources(source);
    const section = /# \[build-steps\]\n([\s\S]*?)# \[\/build-steps\]/.exec(dockerfile)?.[1] ?? '';
    const steps = [...section.matchAll(/^RUN (.*)$/gm)].map((match) =>
      match[1].replaceAll('/application', application),
    );
    expect(steps.length).toBeGreaterThan(0);
    for (const step of steps)
      execFileSync('sh', ['-c', step], { cwd: source, stdio: 'pipe', env: { ...process.env, CI: 'true' } });

    const port = await freePort();
    const [entry] = (JSON.parse(instruction('ENTRYPOINT')) as string[]).slice(1);
    const command = (JSON.parse(instruction('CMD')) as string[]).map((word) =>
      word === '/data'
        ? join(scratch, 'data')
        : word === '8080'
          ? String(port)
          : word === '0.0.0.0'
            ? '127.0.0.1'
            : word,
    );
    const server = spawn(process.execPath, [entry.replace('/application', application), ...command], {
      env: { ...process.env, NODE_ENV: 'production', TRIBUTARY_ADMIN_TOKEN: 'a-token-for-this-test-only-0123456789' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    server.stdout.on('data', (chunk) => (output += chunk));
    server.stderr.on('data', (chunk) => (output += chunk));
    try {
      const healthCheck = JSON.parse(instruction('HEALTHCHECK').replace(/^.*?CMD /, '')) as string[];
      const script = healthCheck[2].replace('8080', String(port));
      let healthy = false;
      for (let attempt = 0; attempt < 100 && !healthy && server.exitCode === null; attempt++) {
        await new Promise((resolve) => setTimeout(resolve, 200));
        const check = spawn(process.execPath, ['-e', script]);
        healthy = (await once(check, 'exit'))[0] === 0;
      }
      expect(healthy, output).toBe(true);
    } finally {
      server.kill('SIGTERM');
      if (server.exitCode === null) await once(server, 'exit');
    }
    expect(server.exitCode).toBe(0);
  });

  it('runs as an unprivileged user', () => {
    expect(instruction('USER')).toBe('node');
  });

  it('is what the compose file runs, with a read-only root and a volume for the store', () => {
    const { services } = parse(readFileSync(join(root, 'docker/compose.yaml'), 'utf8'));
    expect(services.coordinator).toMatchObject({
      build: { dockerfile: 'docker/Dockerfile' },
      read_only: true,
      restart: 'unless-stopped',
      cap_drop: ['ALL'],
      volumes: ['store:/data'],
    });
  });
});

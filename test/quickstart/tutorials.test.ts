/** Runs the code blocks of the tutorials that are marked `runnable`, as they stand in the documents. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../free-port.ts';
import { fromSource, root, startTributary, until } from './command-line.ts';
import { runnableBlocks } from './runnable-blocks.ts';

async function runProgram(program: string, words: readonly string[], cwd: string, env: Record<string, string> = {}) {
  const child = spawn(program, words, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const text = { out: '', error: '' };
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text.out += part;
  });
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    text.error += part;
  });
  const [code] = await once(child, 'close');
  return { code: code as number | null, ...text };
}

describe('tutorials', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tributary-tutorial-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('for texts: every command of the page on language models runs as written', async () => {
    const blocks = runnableBlocks(await readFile(join(root, 'docs/llm-adapters.md'), 'utf8'));
    expect(blocks.length).toBeGreaterThanOrEqual(3);
    const script = blocks
      .map(({ code }) => code)
      .join('\n')
      .replace('npx -y pnpm@10 -s tributary', [process.execPath, ...fromSource].map((word) => `'${word}'`).join(' '));
    await writeFile(join(folder, 'texts.sh'), `set -eu\n${script}`);
    const { code, out, error } = await runProgram('bash', ['texts.sh'], folder);
    expect(code, `${out}\n${error}`).toBe(0);
    const similarity = (a: string, b: string) => Number(new RegExp(`^${a} +${b} +(-?\\d\\.\\d+)$`, 'm').exec(out)?.[1]);
    expect(similarity('a frightening ghost story', 'horror film')).toBeGreaterThan(
      similarity('a frightening ghost story', 'cookbook for beginners') + 0.2,
    );
    expect(out).toMatch(/^1 +The Lighthouse Keeper /m);
    expect(out).toMatch(/^3 +Engines of Mars /m);
    expect(error).toContain('3 item texts, 3 of them encoded now.');
    expect(error).toContain('3 item texts, 0 of them encoded now.');
    expect(out).toMatch(/^\d+ cold items +NDCG@20/m);
  });

  it('for operators: every command runs as written', async () => {
    const markdown = await readFile(join(root, 'docs/tutorial-operator.md'), 'utf8');
    const blocks = runnableBlocks(markdown);
    expect(blocks.length).toBeGreaterThanOrEqual(6);
    const port = await freePort();
    const script = blocks
      .map(({ code }) => code)
      .join('\n')
      // The same command line without the package manager in between, and on a port that is free here.
      .replace('npx -y pnpm@10 -s tributary', [process.execPath, ...fromSource].map((word) => `'${word}'`).join(' '))
      .replaceAll('7300', String(port));
    await writeFile(
      join(folder, 'tutorial.sh'),
      `set -eu\ndevices=""\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n${script}`,
    );
    const { code, out, error } = await runProgram('bash', ['tutorial.sh'], folder);
    expect(code, `${out}\n${error}`).toBe(0);
    expect(out).toContain('shop/task.yaml is right: task shop, implicit-als, 3 rounds, 60 items');
    expect(out).toContain('exit code 3');
    expect(error).toContain('cohort.minimum: expected at most cohort.target (24), got 200');
    expect(out).toMatch(/^shop +shop-members +completed +3\/3/m);
    expect(out).toContain('took part in 3 rounds');
    expect(out.match(/^[* ] +[0-9a-f]{64} /gm)).toHaveLength(4);
    expect(out).toContain('wrote shop/model.safetensors');
    expect(out).toMatch(/^population shop-members: epsilon \S+ of 8 at delta 0.001/m);
    expect(out).toMatch(/^population shop-members: \d+ entries verify; epsilon/m);
    expect(out).toContain('epsilon 3.9789 at delta 0.000001, by pld');
    expect(await readFile(join(folder, 'shop/plan/plan.svg'), 'utf8')).toContain('<svg');
    expect(out).toMatch(/^federated /m);
    expect(await readFile(join(folder, 'shop/report/report.html'), 'utf8')).toContain('<svg');
    expect(await readFile(join(folder, 'shop/serve.log'), 'utf8')).not.toMatch(/sku-/);
  }, 300_000);

  it('for app developers: every program runs as written', async () => {
    const markdown = await readFile(join(root, 'docs/tutorial-app-developer.md'), 'utf8');
    // Its page is built and used in test/browser/tutorial.test.ts.
    const blocks = runnableBlocks(markdown).filter(({ file }) => file !== null);
    expect(blocks.map(({ file }) => file)).toEqual(['app.ts', 'explore.ts', 'leave.ts']);
    await mkdir(join(folder, 'node_modules/@tributary'), { recursive: true });
    await symlink(join(root, 'packages/client'), join(folder, 'node_modules/@tributary/client'));
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    const items = Array.from({ length: 30 }, (_, n) => ({ id: `sku-${n}`, title: `Article ${n}` }));
    await writeFile(join(folder, 'items.json'), JSON.stringify(items));
    await writeFile(
      join(folder, 'task.json'),
      JSON.stringify({
        version: 1,
        task: 'shop',
        population: 'shop-members',
        catalogue: 'items.json',
        model: { kind: 'implicit-als', dimension: 4 },
        rounds: 1,
        cohort: { target: 24, minimum: 20 },
        privacy: { clipNorm: 5 },
        optimizer: { kind: 'fedavg', learningRate: 0.5 },
      }),
    );
    const words = ['serve', '--store', 'store', '--task', 'task.json', '--port', '0', '--json'];
    const serving = startTributary(words, { cwd: folder });
    try {
      await until(serving, () => serving.text.out.includes('\n'));
      const { url } = JSON.parse(serving.text.out) as { url: string };
      const node = (file: string) =>
        runProgram(process.execPath, [...fromSource.slice(0, -1), file], folder, { TRIBUTARY_URL: url });
      for (const { file, code } of blocks) await writeFile(join(folder, file ?? ''), code);
      const app = await node('app.ts');
      expect(app.code, app.error).toBe(0);
      const recommended = JSON.parse(app.out) as { id: string; title: string }[];
      expect(recommended).toHaveLength(3);
      for (const { id } of recommended) expect(['sku-3', 'sku-9', 'sku-15']).not.toContain(id);
      const explore = await node('explore.ts');
      expect(explore.code, explore.error).toBe(0);
      const { score, base, contributions, ...answers } = JSON.parse(explore.out);
      const values = contributions.map(({ value }: { value: number }) => value);
      expect(values.reduce((sum: number, value: number) => sum + value, base)).toBeCloseTo(score, 10);
      // The three views and the click on what was recommended.
      expect(contributions).toHaveLength(4);
      expect(answers).toMatchObject({ reasons: expect.arrayContaining(['in-history']), similar: { length: 3 } });
      expect(answers.found[0]).toMatchObject({ id: 'sku-7' });
      const leave = await node('leave.ts');
      expect(leave, leave.error).toMatchObject({ code: 0, out: 'denied\n' });
    } finally {
      serving.child.kill('SIGTERM');
      expect((await serving.finished).code).toBe(0);
    }
  });
});

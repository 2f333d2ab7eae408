import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runResultSchema } from '../../packages/cli/src/output/run-result-schema.ts';
import { lastLine, startTributary, tributary, until } from './command-line.ts';

const plan = `version: 1
task: films
population: members
model: { kind: implicit-als, dimension: 8, unobservedWeight: 0.3, regularisation: 0.02 }
rounds: 4
cohort: { target: 100, minimum: 20 }
privacy: { plan: sealed, clipNorm: null }
optimizer: { kind: fedavg, learningRate: 0.5 }
`;
const noise = `privacy:
  plan: sealed
  clipNorm: 1
  noise: { mechanism: gaussian, noiseMultiplier: 1, delta: 1.0e-5, budget: 6 }
`;

describe('tributary simulate', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tributary-simulate-'));
    await writeFile(join(folder, 'plan.yaml'), plan);
    await writeFile(join(folder, 'noisy.yaml'), plan.replace(/privacy:.*\n/, noise));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const simulate = (...words: string[]) =>
    tributary(['simulate', '--data', 'synthetic', '--json', ...words], { cwd: folder });

  it('ends with the one JSON shape, the same for any number of workers', async () => {
    const one = await simulate('--plan', 'plan.yaml', '--workers', '1', '--output', 'report');
    expect(one.code, one.error).toBe(0);
    const first = runResultSchema.parse(lastLine(one.out));
    expect(first).toMatchObject({ rounds: 4, data: { name: 'synthetic' }, privacy: { epsilon: null } });
    const two = runResultSchema.parse(lastLine((await simulate('--plan', 'plan.yaml', '--workers', '2')).out));
    expect(two.metrics).toEqual(first.metrics);
    expect(JSON.parse(await readFile(join(folder, 'report/result.json'), 'utf8'))).toMatchObject({ rounds: 4 });
    expect(await readFile(join(folder, 'report/report.html'), 'utf8')).toContain('<svg');
  });

  it('leaves the central twin out and counts rounds when told to', async () => {
    const { code, out, error } = await simulate('--plan', 'plan.yaml', '--no-central', '--rounds', '2', '--seeds', '2');
    expect(code, error).toBe(0);
    const result = runResultSchema.parse(lastLine(out));
    expect(result.rounds).toBe(2);
    expect(result.metrics.central).toBeUndefined();
    expect(result).toMatchObject({ seeds: [1, 2] });
  });

  it('stops at the budget with 6, the result still the last line', async () => {
    const { code, out, error } = await simulate('--plan', 'noisy.yaml', '--no-central');
    expect(code, error).toBe(6);
    const { privacy, rounds } = runResultSchema.parse(lastLine(out));
    expect(rounds).toBeLessThan(4);
    expect(privacy.epsilon).toBeLessThanOrEqual(6);
    expect(error).toMatch(/budget/);
  });

  it('refuses a split that the data do not have, and data that cannot be read', async () => {
    await writeFile(join(folder, 'rows.csv'), 'user,item,timestamp\n1,2,3\n1,,4\n');
    expect(await simulate('--plan', 'plan.yaml', '--split', 'ncf')).toMatchObject({ code: 3 });
    const bad = await tributary(['simulate', '--plan', 'plan.yaml', '--data', 'rows.csv', '--json'], { cwd: folder });
    expect(bad.code).toBe(3);
    expect(bad.error).toMatch(/rows\.csv:3/);
  });

  it('ends at once with 130 when interrupted', async () => {
    const words = ['simulate', '--plan', 'plan.yaml', '--data', 'synthetic', '--rounds', '100000', '--no-central'];
    const running = startTributary(words, { cwd: folder });
    await until(running, () => /round \d+\/100000/.test(running.text.error));
    running.child.kill('SIGINT');
    expect((await running.finished).code).toBe(130);
  });
});

import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunResultDocument, runResultSchema } from '../../packages/cli/src/output/run-result-schema.ts';
import { type Finished, lastLine, startTributary, tributary, until } from './command-line.ts';

interface Example {
  readonly history: readonly { readonly id: string }[];
  readonly recommendations: readonly { readonly id: string; readonly score: number }[];
}

/** Processes that hold devices and whose parent is `pid`. */
function childrenOf(pid: number): number[] {
  const table = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' });
  return [...table.matchAll(/^\s*(\d+)\s+(\d+)$/gm)]
    .filter(([, , parent]) => Number(parent) === pid)
    .map(([, id]) => Number(id));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie has ended; somebody has yet to notice.
    return !/^State:\s+Z/m.test(execFileSync('cat', [`/proc/${pid}/status`], { encoding: 'utf8' }));
  } catch {
    return false;
  }
}

describe('tributary demo', () => {
  let folder: string;
  let store: string;
  let finished: Finished;
  let result: RunResultDocument & { readonly example: Example; readonly devices: number };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tributary-demo-'));
    store = join(folder, 'demo');
    finished = await tributary(['demo', '--devices', '60', '--rounds', '6', '--store', store, '--json']);
    expect(finished.code, finished.error).toBe(0);
    result = lastLine(finished.out) as typeof result;
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('ends with the one JSON shape, alone on standard output', () => {
    expect(runResultSchema.parse(result)).toMatchObject({ rounds: 6, data: { name: 'synthetic', users: 60 } });
    expect(finished.out.trimEnd().split('\n')).toHaveLength(1);
  });

  it('learns more than popularity, and no less than its central twin', () => {
    const { popularity, federated, central } = result.metrics;
    expect(federated.full['ndcg@10']).toBeGreaterThan(1.2 * popularity.full['ndcg@10']);
    expect(federated.full['ndcg@10']).toBeGreaterThan(0.8 * (central?.full['ndcg@10'] ?? 1));
  });

  it('counts what its plan must move: a dense contribution of 20 bits a coordinate up, the model down', () => {
    const dimension = 16;
    const items = result.data.items;
    const contribution = items * dimension + items + (dimension * (dimension + 1)) / 2;
    expect(result.bytes.uploadPerDeviceRound).toBeGreaterThan((20 / 8) * contribution);
    expect(result.bytes.uploadPerDeviceRound).toBeLessThan((20 / 8) * contribution + 1000);
    expect(result.bytes.downloadPerDeviceRound).toBeGreaterThanOrEqual(4 * items * dimension);
  });

  it('says plainly what is private and what is not', () => {
    // 60 of 60 devices: everybody is everybody's neighbour, and (n - 1 + c) / 2 < t <= n - 1 - dd, c = 3, dd = 6.
    expect(result.privacy).toMatchObject({
      plan: 'secure',
      epsilon: null,
      delta: null,
      cohort: 60,
      neighbours: 59,
      threshold: 43,
    });
    expect(finished.error).toContain(
      'plan secure (SecAgg+): 60 devices a round, each masked with 59 others, 43 of which',
    );
    expect(finished.error).toContain('no (epsilon, delta) claim');
    expect(finished.error).toContain('the coordinator saw sums of at least 30 contributions, and never a single one');
  });

  it('leaves a store whose model recommends what the device itself recommended', async () => {
    const history = result.example.history.map(({ id }) => id).join(',');
    const words = ['recommend', '--store', store, '--task', 'demo', '--history', history, '--count', '5', '--json'];
    const { recommendations } = lastLine((await tributary(words)).out) as Example;
    expect(recommendations.map(({ id }) => id)).toEqual(result.example.recommendations.map(({ id }) => id));
    for (const [place, { score }] of recommendations.entries()) {
      expect(score).toBeCloseTo(result.example.recommendations[place].score, 5);
    }
  });

  it('leaves a store that exports, imports and rolls back', async () => {
    const at = ['--store', store, '--task', 'demo', '--json'];
    const file = join(folder, 'model.safetensors');
    expect(await tributary(['model', 'export', file, ...at])).toMatchObject({ code: 0 });
    expect(await tributary(['model', 'export', file, ...at])).toMatchObject({ code: 2 });
    const header = await readFile(file);
    const length = Number(header.readBigUInt64LE(0));
    expect(JSON.parse(header.subarray(8, 8 + length).toString('utf8'))).toMatchObject({
      items: { dtype: 'F32', shape: [result.data.items, 16] },
    });
    expect(await tributary(['model', 'import', file, ...at])).toMatchObject({ code: 0 });
    const list = async () =>
      lastLine((await tributary(['model', 'list', ...at])).out) as {
        current: string;
        versions: { hash: string; origin: string; parametersHash: string }[];
      };
    const imported = await list();
    expect(imported.versions).toHaveLength(8);
    expect(imported.versions[0]).toMatchObject({ hash: imported.current, origin: 'import' });
    expect(imported.versions[0].parametersHash).toBe(imported.versions[1].parametersHash);
    const first = imported.versions.at(-1);
    expect(await tributary(['model', 'rollback', first?.hash ?? '', ...at])).toMatchObject({ code: 0 });
    expect((await list()).versions[0]).toMatchObject({ origin: 'rollback', parametersHash: first?.parametersHash });
    await writeFile(file, header.subarray(0, header.length - 4));
    expect(await tributary(['model', 'import', file, ...at])).toMatchObject({ code: 3 });
  });

  it('with --hybrid places items that nobody was given; interactions alone cannot', async () => {
    const at = join(folder, 'hybrid');
    const words = ['demo', '--hybrid', '--devices', '60', '--rounds', '6', '--store', at, '--json'];
    const { code, out, error } = await tributary(words);
    expect(code, error).toBe(0);
    const { coldItems, plan } = lastLine(out) as {
      plan: { model: { kind: string } };
      coldItems: { items: number; 'ndcg@20': Record<string, number> };
    };
    expect(plan.model.kind).toBe('hybrid');
    expect(coldItems.items).toBe(120);
    const { federated, cfOnly, random } = coldItems['ndcg@20'];
    expect(federated).toBeGreaterThan(1.5 * random);
    expect(federated).toBeGreaterThan(1.5 * cfOnly);
  });

  it('ends its processes when it is interrupted, and when it is killed', async () => {
    for (const [name, expected] of [
      ['SIGINT', 130],
      ['SIGKILL', null],
    ] as const) {
      const running = startTributary(['demo', '--devices', '20', '--rounds', '1000', '--store', join(folder, name)]);
      const pid = running.child.pid ?? 0;
      await until(running, () => /rounds [1-9]\d*\/1000/.test(running.text.error));
      const children = childrenOf(pid);
      expect(children).toHaveLength(2);
      running.child.kill(name);
      expect((await running.finished).code).toBe(expected);
      while (children.some(isAlive)) await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });
});

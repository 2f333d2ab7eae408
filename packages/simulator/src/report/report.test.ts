import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { QualityReport } from '@tributary/model';
import { checkTaskDocument, type TaskDocument } from '@tributary/protocol';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import type { RoundRecord, SimulationResult } from '../engine/result.ts';
import { roundsCsv } from './csv.ts';
import { formatBytes } from './figures.ts';
import { reportHtml } from './html.ts';
import { toRunResultJson } from './run-result.ts';
import { writeReport } from './write-report.ts';

const check = checkTaskDocument({
  version: 1,
  task: 'films',
  population: 'readers',
  model: { kind: 'implicit-als', dimension: 4 },
  rounds: 2,
  cohort: { target: 10, minimum: 2 },
  privacy: {
    plan: 'sealed',
    clipNorm: 1,
    noise: { mechanism: 'gaussian', noiseMultiplier: 1.1, delta: 1e-5, budget: 8 },
  },
  optimizer: { kind: 'fedavg', learningRate: 0.5 },
});
if (!check.ok) throw new Error(check.problems.map(({ path, message }) => `${path}: ${message}`).join('\n'));
const task: TaskDocument = check.task;

const quality = (value: number): QualityReport => ({
  sampled: { 'hr@10': value, 'ndcg@10': value / 2, mrr: value / 3, auc: 0.5 },
  full: { 'hr@10': value / 4, 'ndcg@10': value / 5, mrr: value / 6, auc: 0.5, 'coverage@10': 0.3, 'gini@10': 0.7 },
  users: 10,
});

const round = (number: number, change: Partial<RoundRecord> = {}): RoundRecord => ({
  round: number,
  outcome: 'closed',
  reason: '',
  invited: 12,
  dropped: 1,
  contributions: 10,
  loss: 0.25,
  clipped: 0.5,
  alignment: null,
  secure: null,
  epsilon: number * 1.5,
  federatedEvaluation: null,
  quality: quality(0.1 * number),
  seconds: { training: 1, evaluation: 0.5 },
  ...change,
});

const run = (change: Partial<SimulationResult> = {}): SimulationResult => ({
  data: { name: 'synthetic', users: 10, items: 20, interactions: 100 },
  task,
  seed: 1,
  evaluatedOn: 'test',
  split: 'synthetic-leave-last-one-out',
  workers: 1,
  rounds: [round(1), round(2)],
  stopped: null,
  parameters: new Float32Array(4),
  quality: { random: quality(0.1), popularity: quality(0.2), federated: quality(0.4), central: quality(0.5) },
  bytes: { upload: 3000, download: 2000, payload: 2800, sent: 2900, model: 1900 },
  privacy: {
    plan: 'sealed',
    epsilon: 3,
    delta: 1e-5,
    assumption: 'every device may take part in every round',
    claims: [
      { against: 'readers', epsilon: 3, delta: 1e-5, assumption: 'none' },
      { against: 'coordinator', epsilon: null, delta: null, assumption: 'none' },
    ],
  },
  ledger: [],
  seconds: 4,
  ...change,
});

/** Names of all elements, so that markup that got through would show. */
const tagsOf = (html: string) =>
  new Set([...html.matchAll(/<\s*([a-zA-Z!][\w-]*)/g)].map(([, name]) => name.toLowerCase()));

describe('toRunResultJson', () => {
  it('has the fields of the one JSON shape', () => {
    const result = JSON.parse(JSON.stringify(toRunResultJson(run())));
    expect(result).toMatchObject({
      data: { name: 'synthetic', users: 10, items: 20, interactions: 100 },
      plan: { task: 'films' },
      rounds: 2,
      seconds: 4,
      metrics: {
        federated: {
          sampled: { 'hr@10': 0.4, 'ndcg@10': 0.2 },
          full: { 'hr@10': 0.1, 'ndcg@10': 0.08, 'coverage@10': 0.3 },
        },
        central: { sampled: { 'hr@10': 0.5 } },
      },
      bytes: { uploadPerDeviceRound: 3000, downloadPerDeviceRound: 2000 },
      privacy: { plan: 'sealed', epsilon: 3, delta: 1e-5 },
      spread: null,
    });
  });

  it('counts closed rounds only, and leaves a central twin out that was not trained', () => {
    const abandoned = round(3, { outcome: 'abandoned', reason: 'too few devices', contributions: 0 });
    const result = toRunResultJson(
      run({ rounds: [round(1), round(2), abandoned], quality: { ...run().quality, central: null } }),
    );
    expect(result.rounds).toBe(2);
    expect(result.metrics).not.toHaveProperty('central');
  });

  it('gives mean and sample standard deviation over seeds', () => {
    const seeds = [0.3, 0.4, 0.8].map((value, seed) =>
      run({ seed, quality: { ...run().quality, federated: quality(value) } }),
    );
    const result = toRunResultJson(seeds);
    expect(result.seeds).toEqual([0, 1, 2]);
    expect(result.metrics.federated.sampled['hr@10']).toBeCloseTo(0.5, 12);
    // ((0.2)^2 + (0.1)^2 + (0.3)^2) / 2 = 0.07
    expect(result.spread?.federated.sampled['hr@10']).toBeCloseTo(Math.sqrt(0.07), 12);
    expect(result.spread?.popularity.full['ndcg@10']).toBeCloseTo(0, 12);
  });
});

describe('writeReport', () => {
  it('writes JSON, CSV and HTML that hold the same rounds', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tributary-report-'));
    try {
      const result = toRunResultJson(run({ rounds: [round(1, { reason: 'a "quoted", reason' }), round(2)] }));
      const files = await writeReport(join(folder, 'made', 'here'), result);
      expect(JSON.parse(await readFile(files.json, 'utf8'))).toEqual(JSON.parse(JSON.stringify(result)));
      const rows = parse(await readFile(files.csv, 'utf8'), { columns: true }) as Record<string, string>[];
      expect(rows.map((row) => [row.seed, row.round, row['full_ndcg@10'], row.reason])).toEqual([
        ['1', '1', '0.02', 'a "quoted", reason'],
        ['1', '2', '0.04', ''],
      ]);
      const html = await readFile(files.html, 'utf8');
      expect(html.match(/<svg/g)).toHaveLength(4);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('reportHtml', () => {
  it('escapes every text that comes from a run', async () => {
    const attack = `</script><script>alert(1)</script><img src=x onerror="alert('1')">&`;
    const hostile = toRunResultJson(
      run({
        data: { name: attack, users: 1, items: 1, interactions: 1 },
        split: attack,
        stopped: attack,
        task: { ...task, task: attack, population: attack },
        privacy: { ...run().privacy, assumption: attack },
        rounds: [round(1, { reason: attack })],
      }),
    );
    const html = await reportHtml({ ...hostile, version: attack });
    const plain = tagsOf(await reportHtml(toRunResultJson(run({ stopped: 'budget' }))));
    expect(tagsOf(html)).toEqual(plain);
    expect(plain.has('script')).toBe(false);
    expect(html).toContain('&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;');
  });

  it('asks the network for nothing', async () => {
    const html = await reportHtml(toRunResultJson(run()));
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    // Only the SVG name spaces look like addresses.
    const addresses = [...html.matchAll(/https?:\/\/[^"' )]+/g)].map(([address]) => address);
    expect(new Set(addresses)).toEqual(new Set(['http://www.w3.org/2000/svg', 'http://www.w3.org/1999/xlink']));
    expect(html).not.toMatch(/\s(src|href)=|url\(|@import/);
  });

  it('follows the reader between light and dark: no colour is fixed in the charts but by the page', async () => {
    const html = await reportHtml(toRunResultJson(run()));
    const charts = html.match(/<svg[\s\S]*?<\/svg>/g)?.join('') ?? '';
    const colours = new Set([...charts.matchAll(/(?:fill|stroke)="([^"]+)"/g)].map(([, colour]) => colour));
    for (const colour of colours) expect(colour).toMatch(/^(var\(--[\w-]+\)|currentColor|none|transparent)$/);
  });

  it('draws no spend where nothing is claimed, and says so', async () => {
    const open = { ...task, privacy: { ...task.privacy, noise: null } };
    const quiet = { epsilon: null } as const;
    const html = await reportHtml(
      toRunResultJson(
        run({
          task: open,
          rounds: [round(1, quiet)],
          privacy: { ...run().privacy, epsilon: null, delta: null },
        }),
      ),
    );
    expect(html.match(/<svg/g)).toHaveLength(3);
    expect(html).toContain('no (epsilon, delta) is claimed');
  });
});

describe('a report of secure rounds', () => {
  const secure = { fill: 0.25, roster: 40, neighbours: 39, threshold: 28 };
  const ofSecure = (cryptography: boolean) =>
    toRunResultJson(
      run({
        task: { ...task, privacy: { ...task.privacy, plan: 'secure', noise: null } },
        rounds: [round(1, { secure, alignment: 0.07, epsilon: null })],
        privacy: {
          ...run().privacy,
          ...{ plan: 'secure', epsilon: null, delta: null, cryptography, bits: 16, scale: 12.5 },
          ...{ cohort: 40, neighbours: 39, threshold: 28, fill: 0.25, alignment: 0.07 },
        },
      }),
    );

  it('says whether the protocol was run, over which graph, and how far its integers went', async () => {
    const html = await reportHtml(ofSecure(true));
    expect(html).toContain('run with all its cryptography');
    expect(html).toContain('40 devices, 39 neighbours drawn by each, 28 shares open a secret');
    expect(html).toContain('16 bits, 12.50 steps a unit');
    expect(html).toContain('25.0 %');
    expect(html).toContain('masked, with keys, shares');
    const fast = await reportHtml(ofSecure(false));
    expect(fast).toContain('summed without masks');
    expect(fast).not.toContain('run with all its cryptography');
  });

  it('has them round by round in the table of rounds, and nothing of them where rounds were sealed', () => {
    const rowsOf = (result: ReturnType<typeof ofSecure>) =>
      parse(roundsCsv(result), { columns: true }) as Record<string, string>[];
    expect(rowsOf(ofSecure(true))[0]).toMatchObject({
      roster: '40',
      neighbours: '39',
      threshold: '28',
      fill: '0.25',
      alignment: '0.07',
    });
    expect(rowsOf(toRunResultJson(run()))[0]).toMatchObject({ roster: '', fill: '' });
  });
});

describe('formatBytes', () => {
  it('keeps three digits and the right unit', () => {
    expect([0, 1023, 1024, 1536, 4 * 2 ** 20, 1000 * 1024, 1e12].map(formatBytes)).toEqual([
      '0 B',
      '1023 B',
      '1.00 KiB',
      '1.50 KiB',
      '4.00 MiB',
      '1000 KiB',
      '931 GiB',
    ]);
  });
});

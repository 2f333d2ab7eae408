import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import type { AttackResult, Finding } from '../attacks/finding.ts';
import { attackCsv, attackTable, markdownTable, writeAttackReport } from './attack-report.ts';

const audit = { canaries: 100, guesses: 50, correct: 48, delta: 1e-5, confidence: 0.95, lowerBound: 2.25 };
const figures = [
  { name: 'AUC', value: 0.987654321 },
  { name: 'right', value: 48 },
];
const finding = (change: Partial<Finding>): Finding => ({
  ...{ attack: 'audit', view: 'opened sums', figures, claim: { epsilon: 8, delta: 1e-5 }, audit },
  ...change,
});
const findings = [
  finding({}),
  finding({ claim: { epsilon: 2, delta: 1e-5 } }),
  finding({ claim: null, view: 'models, "all"' }),
  finding({ attack: 'reconstruction', audit: null }),
];
const points = [
  { falsePositiveRate: 0, truePositiveRate: 0.4 },
  { falsePositiveRate: 1, truePositiveRate: 1 },
];
const result: AttackResult = {
  findings,
  curves: [{ attack: 'audit', view: 'opened <sums>', points }],
  promotion: [0, 0.1].map((fraction) => ({
    ...{ optimizer: 'fedavg', clipNorm: 8, fraction, targetHitRate: fraction, quality: 0.25 },
  })),
};

describe('the table of attacks', () => {
  it('gives a verdict on each claim: it holds, is refuted, is missing, or nothing is proven about it', () => {
    const { rows } = attackTable(findings);
    expect(rows.map((row) => row.slice(3))).toEqual([
      ['8.00', '2.25', 'holds'],
      ['2.00', '2.25', 'refuted'],
      ['–', '2.25', 'no-claim'],
      ['8.00', '–', 'reported'],
    ]);
    expect(rows[0][2]).toBe('AUC 0.988, right 48');
  });

  it('is written as CSV in full precision, and as Markdown', () => {
    const lines = parse(attackCsv(findings), { columns: true }) as Record<string, string>[];
    expect(lines).toHaveLength(8);
    expect(lines[0]).toMatchObject({ figure: 'AUC', value: '0.987654321', claimed_epsilon: '8', verdict: 'holds' });
    expect(lines[4]).toMatchObject({
      view: 'models, "all"',
      claimed_epsilon: '',
      delta: '0.00001',
      lower_bound: '2.25',
    });
    expect(markdownTable({ header: ['a', 'b'], rows: [['1|2', '3']] })).toBe(
      '| a | b |\n| --- | --- |\n| 1\\|2 | 3 |\n',
    );
  });

  it('comes with plots that ask the network for nothing, and only where there is something to draw', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tributary-attacks-'));
    try {
      const files = await writeAttackReport(folder, result);
      expect((await readdir(folder)).sort()).toEqual([
        'audit.csv',
        'audit.json',
        'audit.md',
        'poisoning.svg',
        'roc.svg',
      ]);
      expect(JSON.parse(await readFile(files.json, 'utf8'))).toEqual(result);
      const roc = await readFile(files.roc ?? '', 'utf8');
      expect(roc).toMatch(/^<svg [^>]*>\n<style>/);
      for (const shown of ['false positive rate', 'opened &lt;sums&gt;', 'chance']) expect(roc).toContain(shown);
      expect(roc).not.toMatch(/NaN|href="http|url\((?!#)/);
      expect(await readFile(files.promotion ?? '', 'utf8')).toContain('clip norm 8');
      const less = await writeAttackReport(join(folder, 'less'), { ...result, curves: [], promotion: [] });
      expect(less).toMatchObject({ roc: null, promotion: null });
      expect(await readdir(join(folder, 'less'))).toHaveLength(3);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

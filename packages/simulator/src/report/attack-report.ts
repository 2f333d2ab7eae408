/** What attacks found, as files: a table for people and one for programs, and plots. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TopLevelSpec } from 'vega-lite';
import { type AttackResult, type Curve, type Finding, type PromotionPoint, verdictOf } from '../attacks/finding.ts';
import { seriesColours, seriesDashes } from './chart.ts';
import { chartFile } from './chart-file.ts';
import { csvText } from './csv.ts';
import type { Table } from './figures.ts';

/** One row for each attack and view; figures in one cell. */
export function attackTable(findings: readonly Finding[]): Table {
  return {
    header: ['attack', 'view', 'figures', 'claimed epsilon', 'lower bound', 'verdict'],
    rows: findings.map((finding) => {
      const { attack, view, figures, claim, audit } = finding;
      return [
        attack,
        view,
        figures.map(({ name, value }) => `${name} ${shown(value)}`).join(', '),
        claim === null ? '–' : claim.epsilon.toFixed(2),
        audit === null ? '–' : audit.lowerBound.toFixed(2),
        verdictOf(finding),
      ];
    }),
  };
}

function shown(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(3);
}

/** One line for each figure, with its full precision. */
export function attackCsv(findings: readonly Finding[]): string {
  const header = ['attack', 'view', 'figure', 'value', 'claimed_epsilon', 'delta', 'lower_bound', 'verdict'];
  const lines = findings.flatMap((finding) =>
    finding.figures.map(({ name, value }) => [
      ...[finding.attack, finding.view, name, value],
      ...[finding.claim?.epsilon ?? null, finding.claim?.delta ?? finding.audit?.delta ?? null],
      ...[finding.audit?.lowerBound ?? null, verdictOf(finding)],
    ]),
  );
  return csvText([header, ...lines]);
}

/** GitHub's Markdown. */
export function markdownTable({ header, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  return [header, header.map(() => '---'), ...rows].map(line).join('');
}

export function promotionTable(points: readonly PromotionPoint[]): Table {
  return {
    header: ['optimizer', 'clip norm', 'dishonest devices', 'HR@10 of the target', 'HR@10 of held-out items'],
    rows: points.map(({ optimizer, clipNorm, fraction, targetHitRate, quality }) => [
      optimizer,
      clipNorm === null ? 'none' : String(clipNorm),
      `${(100 * fraction).toFixed(1)} %`,
      targetHitRate.toFixed(3),
      quality.toFixed(3),
    ]),
  };
}

/** The least rate that the logarithmic axes show; what is below stands on the edge. */
const leastRate = 1e-3;

/** Both axes logarithmic, since it is few false alarms that make an attack count; the grey line is chance. */
export function rocChart(curves: readonly Curve[]): TopLevelSpec {
  const attacks = [...new Set(curves.map(({ attack }) => attack))];
  const views = [...new Set(curves.map(({ view }) => view))];
  const rates = Array.from({ length: 121 }, (_, step) => leastRate ** (1 - step / 120));
  const chance = rates.map((rate) => ({ x: rate, y: rate, view: 'chance', order: rate }));
  const values = [
    ...curves.flatMap(({ attack, view, points }) =>
      points.map(({ falsePositiveRate, truePositiveRate }, order) => ({
        ...{ attack, view, order },
        x: Math.max(leastRate, falsePositiveRate),
        y: Math.max(leastRate, truePositiveRate),
      })),
    ),
    ...attacks.flatMap((attack) => chance.map((point) => ({ ...point, attack }))),
  ];
  const rate = (field: string, title: string) => ({
    ...{ field, type: 'quantitative', title },
    scale: { type: 'log', domain: [leastRate, 1], nice: false },
    axis: { format: '~g', tickCount: 3 },
  });
  return {
    data: { values },
    facet: { column: { field: 'attack', type: 'nominal', title: null } },
    spec: {
      ...{ width: 260, height: 260 },
      mark: { type: 'line', interpolate: 'step-after', clip: true },
      encoding: {
        x: rate('x', 'false positive rate'),
        y: rate('y', 'true positive rate'),
        order: { field: 'order', type: 'quantitative' },
        ...series('view', [...views, 'chance'], 'var(--rule)'),
      },
    },
  } as TopLevelSpec;
}

/** One panel for each optimizer, one line for each clip norm. */
export function promotionChart(points: readonly PromotionPoint[]): TopLevelSpec {
  const values = points.map((point) => ({ ...point, clip: clipText(point) }));
  return {
    data: { values },
    facet: { column: { field: 'optimizer', type: 'nominal', title: null } },
    spec: {
      ...{ width: 260, height: 220 },
      mark: { type: 'line', point: true },
      encoding: {
        x: { field: 'fraction', type: 'quantitative', title: 'dishonest devices', axis: { format: '%' } },
        y: { field: 'targetHitRate', type: 'quantitative', title: 'HR@10 of the target', scale: { domain: [0, 1] } },
        ...series('clip', [...new Set(values.map(({ clip }) => clip))]),
      },
    },
  } as TopLevelSpec;
}

function clipText({ clipNorm }: PromotionPoint): string {
  return clipNorm === null ? 'no clip norm' : `clip norm ${clipNorm}`;
}

function series(field: string, domain: readonly string[], last?: string) {
  const of = <Value>(values: readonly Value[]) => domain.map((_, index) => values[index % values.length]);
  const colours = of<string>(seriesColours);
  const channel = { field, type: 'nominal', title: null, legend: { labelLimit: 300 } };
  if (last !== undefined) colours[domain.length - 1] = last;
  return {
    color: { ...channel, scale: { domain, range: colours } },
    strokeDash: { ...channel, scale: { domain, range: of<readonly number[]>(seriesDashes) } },
  };
}

export interface AttackReportFiles {
  readonly json: string;
  readonly csv: string;
  readonly markdown: string;
  /** null where no attack has a curve, or none was of poisoning. */
  readonly roc: string | null;
  readonly promotion: string | null;
}

/**
 * Writes `audit.json`, `audit.csv`, `audit.md`, and `roc.svg` and `poisoning.svg` where there is something to draw, into the folder,
 * which is made if need be; returns their paths.
 */
export async function writeAttackReport(folder: string, result: AttackResult): Promise<AttackReportFiles> {
  await mkdir(folder, { recursive: true });
  const { findings, curves, promotion } = result;
  const files = {
    json: join(folder, 'audit.json'),
    csv: join(folder, 'audit.csv'),
    markdown: join(folder, 'audit.md'),
    roc: curves.length > 0 ? join(folder, 'roc.svg') : null,
    promotion: promotion.length > 0 ? join(folder, 'poisoning.svg') : null,
  };
  await writeFile(files.json, `${JSON.stringify(result, null, 2)}\n`);
  await writeFile(files.csv, attackCsv(findings));
  const tables = [attackTable(findings), ...(promotion.length > 0 ? [promotionTable(promotion)] : [])];
  await writeFile(files.markdown, tables.map(markdownTable).join('\n'));
  if (files.roc !== null) await writeFile(files.roc, await chartFile(rocChart(curves)));
  if (files.promotion !== null) await writeFile(files.promotion, await chartFile(promotionChart(promotion)));
  return files;
}

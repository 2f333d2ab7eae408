/** What the report shows: each figure is a chart and the table of the same numbers. Pure; drawing is elsewhere. */
import type { FullRankingQuality } from '@tributary/model';
import type { TopLevelSpec } from 'vega-lite';
import type { RoundRecord } from '../engine/result.ts';
import { seriesColours, seriesDashes } from './chart.ts';
import { type ModelName, mean, type RunMetrics, type RunResult } from './run-result.ts';

export interface Figure {
  readonly id: string;
  readonly title: string;
  /** How to read it, in a sentence. */
  readonly caption: string;
  /** null where there is nothing to draw; the caption says why. */
  readonly chart: TopLevelSpec | null;
  readonly table: Table;
}

export interface Table {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const modelNames = ['federated', 'central', 'popularity', 'random'] as const satisfies readonly ModelName[];

/** Figures of a run, in the order in which they are read. */
export function figuresOf(result: RunResult): readonly Figure[] {
  return [qualityFigure(result, 'full'), qualityFigure(result, 'sampled'), bytesFigure(result), spendFigure(result)];
}

/** The final comparison: every model under both rankings, with the spread over seeds where there are several. */
export function comparisonTable(result: RunResult): Table {
  const metrics = [
    ['sampled', 'hr@10'],
    ['sampled', 'ndcg@10'],
    ['full', 'hr@10'],
    ['full', 'ndcg@10'],
    ['full', 'coverage@10'],
    ['full', 'gini@10'],
  ] as const;
  return {
    header: [
      'model',
      'sampled HR@10',
      'sampled NDCG@10',
      'full HR@10',
      'full NDCG@10',
      'full coverage@10',
      'full Gini@10',
    ],
    rows: modelNames.flatMap((name) => {
      const report = result.metrics[name];
      if (!report) return [];
      const spread = result.spread?.[name];
      const cells = metrics.map(([ranking, metric]) => {
        const value = valueOfMetric(report, ranking, metric);
        const deviation = spread && valueOfMetric(spread, ranking, metric);
        return deviation === undefined ? value.toFixed(4) : `${value.toFixed(4)} ± ${deviation.toFixed(4)}`;
      });
      return [[name, ...cells]];
    }),
  };
}

function valueOfMetric(report: RunMetrics, ranking: 'sampled' | 'full', metric: keyof FullRankingQuality): number {
  const values: Partial<FullRankingQuality> = report[ranking];
  return values[metric] ?? Number.NaN;
}

/** Rounds of all seeds under their number. */
function byRound(result: RunResult): readonly (readonly [number, readonly RoundRecord[]])[] {
  const rounds = new Map<number, RoundRecord[]>();
  for (const record of result.history.flat()) rounds.set(record.round, [...(rounds.get(record.round) ?? []), record]);
  return [...rounds].sort(([a], [b]) => a - b);
}

function qualityFigure(result: RunResult, ranking: 'full' | 'sampled'): Figure {
  const metrics = ['hr@10', 'ndcg@10'] as const;
  const curve = byRound(result).flatMap(([round, records]) => {
    const reports = records.flatMap(({ quality }) => (quality ? [quality[ranking]] : []));
    return reports.length === 0
      ? []
      : [{ round, values: metrics.map((metric) => mean(reports.map((report) => report[metric]))) }];
  });
  const shown = modelNames.filter((name) => result.metrics[name] !== undefined);
  const last = Math.max(1, ...result.history.flat().map(({ round }) => round));
  const values = metrics.flatMap((metric, m) => [
    ...curve.map((point) => ({
      metric: label(metric),
      model: 'federated',
      round: point.round,
      value: point.values[m],
    })),
    ...shown
      .filter((name) => name !== 'federated' || curve.length === 0)
      .flatMap((model) =>
        [1, last].map((round) => ({
          metric: label(metric),
          model,
          round,
          value: (result.metrics[model] as NonNullable<RunResult['metrics'][ModelName]>)[ranking][metric],
        })),
      ),
  ]);
  const candidates = ranking === 'full' ? 'all items that the user has not seen' : 'the sampled negatives';
  return {
    id: `quality-${ranking}`,
    title: `Quality by round, ${ranking} ranking`,
    caption:
      `The held-out (${result.evaluatedOn}) item among ${candidates}; ties against the model. ` +
      'Flat lines are models that are not trained in rounds.',
    chart: {
      data: { values },
      facet: { column: { field: 'metric', type: 'nominal', title: null } },
      spec: {
        width: 320,
        height: 220,
        mark: { type: 'line', point: curve.length < 40 },
        encoding: {
          x: { field: 'round', type: 'quantitative', title: 'round', axis: { tickMinStep: 1, grid: false } },
          y: { field: 'value', type: 'quantitative', title: null, scale: { zero: true } },
          color: modelScale('color', shown),
          strokeDash: modelScale('strokeDash', shown),
        },
      },
      resolve: { scale: { y: 'independent' } },
    } as TopLevelSpec,
    table: {
      header: ['round', ...metrics.map(label)],
      rows: curve.map((point) => [String(point.round), ...point.values.map((value) => value.toFixed(4))]),
    },
  };
}

function modelScale(channel: 'color' | 'strokeDash', shown: readonly ModelName[]) {
  const range = shown.map((name) => (channel === 'color' ? seriesColours : seriesDashes)[modelNames.indexOf(name)]);
  return { field: 'model', type: 'nominal', title: null, scale: { domain: shown, range } };
}

const label = (metric: 'hr@10' | 'ndcg@10') => (metric === 'hr@10' ? 'HR@10' : 'NDCG@10');

function bytesFigure(result: RunResult): Figure {
  const { uploadPerDeviceRound: up, downloadPerDeviceRound: down } = result.bytes;
  const rows = byRound(result).map(([round, records]) => {
    const devices = mean(records.map(({ contributions }) => contributions));
    const invited = mean(records.map((record) => record.invited));
    return { round, invited, devices, down: invited * down, up: devices * up };
  });
  const values = rows.flatMap(({ round, down, up }) => [
    { round, direction: 'down', mebibytes: down / 2 ** 20 },
    { round, direction: 'up', mebibytes: up / 2 ** 20 },
  ]);
  return {
    id: 'bytes',
    title: 'Bytes by round, all devices together',
    caption:
      `One device downloads ${formatBytes(down)} and uploads ${formatBytes(up)} in a round, as the protocol encodes it ` +
      `(${result.plan.privacy.plan === 'secure' ? 'masked, with keys, shares and all other messages' : 'sealed, in chunks'}). Down: every invited device; up: every contribution in the sum.`,
    chart:
      rows.length === 0
        ? null
        : ({
            data: { values },
            width: 680,
            height: 180,
            mark: 'bar',
            encoding: {
              x: { field: 'round', type: 'ordinal', title: 'round', axis: { labelAngle: 0, labelOverlap: true } },
              y: { field: 'mebibytes', type: 'quantitative', title: 'MiB' },
              color: {
                field: 'direction',
                type: 'nominal',
                title: null,
                scale: { domain: ['down', 'up'], range: [seriesColours[0], seriesColours[1]] },
              },
            },
          } as TopLevelSpec),
    table: {
      header: ['round', 'invited', 'contributions', 'down', 'up'],
      rows: rows.map((row) => [
        String(row.round),
        String(Math.round(row.invited)),
        String(Math.round(row.devices)),
        formatBytes(row.down),
        formatBytes(row.up),
      ]),
    },
  };
}

function spendFigure(result: RunResult): Figure {
  const noise = result.plan.privacy.noise;
  const rows = byRound(result).flatMap(([round, records]) => {
    const spent = records.flatMap(({ epsilon }) => (epsilon === null ? [] : [epsilon]));
    return spent.length === 0 ? [] : [{ round, epsilon: Math.max(...spent) }];
  });
  const table = {
    header: ['round', 'epsilon'],
    rows: rows.map(({ round, epsilon }) => [String(round), epsilon.toFixed(4)]),
  };
  const title = 'Privacy spend by round';
  if (noise === null || rows.length === 0) {
    const caption = `No noise is added, so no (epsilon, delta) is claimed. ${result.privacy.assumption}`;
    return { id: 'spend', title, caption, chart: null, table };
  }
  return {
    id: 'spend',
    title,
    caption:
      `Epsilon at delta = ${noise.delta}, charged before each release; the dashed line is the budget of ${noise.budget}. ` +
      result.privacy.assumption,
    chart: {
      data: { values: rows },
      width: 680,
      height: 180,
      layer: [
        {
          mark: { type: 'line', point: rows.length < 40 && { color: seriesColours[0] }, color: seriesColours[0] },
          encoding: {
            x: { field: 'round', type: 'quantitative', title: 'round', axis: { tickMinStep: 1, grid: false } },
            y: { field: 'epsilon', type: 'quantitative', title: 'epsilon' },
          },
        },
        {
          mark: { type: 'rule', color: seriesColours[1], strokeDash: [6, 3] },
          encoding: { y: { datum: noise.budget } },
        },
      ],
    } as TopLevelSpec,
    table,
  };
}

/** Bytes for people: powers of 1,024, three significant digits. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${unit === 0 ? Math.round(value) : value.toPrecision(value >= 1000 ? 4 : 3)} ${units[unit]}`;
}

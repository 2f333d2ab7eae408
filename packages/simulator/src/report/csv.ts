/** Tables as CSV. */
import type { RoundRecord } from '../engine/result.ts';
import type { RunResult } from './run-result.ts';

type Cell = string | number | null;

const columns: readonly (readonly [string, (round: RoundRecord) => Cell])[] = [
  ['round', ({ round }) => round],
  ['outcome', ({ outcome }) => outcome],
  ['reason', ({ reason }) => reason],
  ['invited', ({ invited }) => invited],
  ['dropped', ({ dropped }) => dropped],
  ['contributions', ({ contributions }) => contributions],
  ['loss', ({ loss }) => loss],
  ['clipped', ({ clipped }) => clipped],
  ['epsilon', ({ epsilon }) => epsilon],
  ['roster', ({ secure }) => secure?.roster ?? null],
  ['neighbours', ({ secure }) => secure?.neighbours ?? null],
  ['threshold', ({ secure }) => secure?.threshold ?? null],
  ['fill', ({ secure }) => secure?.fill ?? null],
  ['alignment', ({ alignment }) => alignment],
  ['sampled_hr@10', ({ quality }) => quality?.sampled['hr@10'] ?? null],
  ['sampled_ndcg@10', ({ quality }) => quality?.sampled['ndcg@10'] ?? null],
  ['sampled_mrr', ({ quality }) => quality?.sampled.mrr ?? null],
  ['sampled_auc', ({ quality }) => quality?.sampled.auc ?? null],
  ['full_hr@10', ({ quality }) => quality?.full['hr@10'] ?? null],
  ['full_ndcg@10', ({ quality }) => quality?.full['ndcg@10'] ?? null],
  ['full_mrr', ({ quality }) => quality?.full.mrr ?? null],
  ['full_auc', ({ quality }) => quality?.full.auc ?? null],
  ['full_coverage@10', ({ quality }) => quality?.full['coverage@10'] ?? null],
  ['full_gini@10', ({ quality }) => quality?.full['gini@10'] ?? null],
  ['training_seconds', ({ seconds }) => seconds.training],
  ['evaluation_seconds', ({ seconds }) => seconds.evaluation],
];

/** One line for each seed and round. */
export function roundsCsv(result: RunResult): string {
  const header = ['seed', ...columns.map(([name]) => name)];
  const lines = result.history.flatMap((rounds, run) =>
    rounds.map((round) => [result.seeds[run], ...columns.map(([, field]) => field(round))]),
  );
  return csvText([header, ...lines]);
}

/** RFC 4180; an empty field where there is no value. Numbers keep their full precision. */
export function csvText(lines: readonly (readonly Cell[])[]): string {
  return lines.map((line) => `${line.map(cell).join(',')}\r\n`).join('');
}

function cell(value: Cell): string {
  if (value === null) return '';
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

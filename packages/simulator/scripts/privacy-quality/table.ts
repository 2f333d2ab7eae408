/** Runs as a table in Markdown: a row for each epsilon, placement and clip, a column for each prior. */
import { clips, epsilons, placements, priors } from './cells.ts';
import type { Run } from './results.ts';

export type Measure = 'sampled' | 'full';

/** Mean HR@10 and NDCG@10 of runs; null of none. */
export function meansOf(runs: readonly Run[], measure: Measure): readonly [number, number] | null {
  if (runs.length === 0) return null;
  const mean = (at: 0 | 1) => runs.reduce((sum, run) => sum + run[measure][at], 0) / runs.length;
  return [mean(0), mean(1)];
}

/** Sample standard deviation of HR@10 over seeds. */
function spreadOf(runs: readonly Run[], measure: Measure): number {
  const means = meansOf(runs, measure);
  if (!means || runs.length < 2) return 0;
  return Math.sqrt(runs.reduce((sum, run) => sum + (run[measure][0] - means[0]) ** 2, 0) / (runs.length - 1));
}

const shown = (value: number) => value.toFixed(4).replace(/^0/, '');

function cellText(runs: readonly Run[], measure: Measure): string {
  const means = meansOf(runs, measure);
  if (!means) return 'not run';
  const spread = runs.length > 1 ? ` ± ${shown(spreadOf(runs, measure))}` : '';
  return `${shown(means[0])}${spread} / ${shown(means[1])}`;
}

export function qualityTable(runs: readonly Run[]): string {
  const header = [
    'ε',
    'noise of',
    'clip norm',
    'sampled HR@10 / NDCG@10',
    'full HR@10 / NDCG@10',
    'sampled, prior of attributes',
    'full, prior of attributes',
    'seeds',
  ];
  const rows = epsilons.flatMap((epsilon) =>
    (epsilon === null ? placements.slice(0, 1) : placements).flatMap((placement) =>
      (epsilon === null ? clips.slice(0, 1) : clips).map((clip) => {
        const own = priors.map((prior) =>
          runs.filter(
            (run) => run.epsilon === epsilon && run.placement === placement && run.clip === clip && run.prior === prior,
          ),
        );
        const seeds = [...new Set(own.map(({ length }) => length))].filter((count) => count > 0).join(', ');
        const who = placement === 'central' ? 'the coordinator' : 'the devices';
        return [
          String(epsilon ?? 'none'),
          epsilon === null ? '–' : who,
          clip,
          ...own.flatMap((cell) => [cellText(cell, 'sampled'), cellText(cell, 'full')]),
          seeds || '–',
        ];
      }),
    ),
  );
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

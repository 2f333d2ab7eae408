/** The plot of a plan: noise against people. */
import type { PlannedAssumption } from '@tributary/privacy';
import { plannedAssumptions } from '@tributary/privacy';
import { type ChartSpecification, seriesColours, seriesDashes } from '@tributary/simulator';
import type { PlannedRow } from './run-privacy-plan.ts';

const names: Record<PlannedAssumption, string> = {
  none: 'nothing assumed',
  tree: 'trees',
  poisson: 'Poisson sampling',
  'fixed-size': 'cohorts of fixed size',
};

export function growthChart(rows: readonly PlannedRow[]): ChartSpecification {
  const values = rows.flatMap(({ assumption, growth }) =>
    growth.flatMap(({ population, totalNoise, sameCohort }) => [
      { assumed: names[assumption], population, cohorts: 'cohorts grow with the people', noise: totalNoise },
      { assumed: names[assumption], population, cohorts: 'cohorts stay', noise: sameCohort.totalNoise },
    ]),
  );
  const domain = plannedAssumptions.map((assumption) => names[assumption]);
  return {
    data: { values },
    facet: { column: { field: 'cohorts', type: 'nominal', title: null } },
    spec: {
      width: 300,
      height: 240,
      mark: { type: 'line', point: true },
      encoding: {
        x: {
          field: 'population',
          type: 'quantitative',
          title: 'people',
          scale: { type: 'log' },
          axis: { tickCount: 4 },
        },
        y: {
          field: 'noise',
          type: 'quantitative',
          title: 'noise on the mean of all rounds (standard deviation)',
          scale: { type: 'log' },
        },
        color: { field: 'assumed', type: 'nominal', title: null, scale: { domain, range: [...seriesColours] } },
        strokeDash: {
          field: 'assumed',
          type: 'nominal',
          title: null,
          scale: { domain, range: seriesDashes.map((dash) => [...dash]) },
        },
      },
    },
  };
}

/** How much noise a budget needs under each assumption, the error that it brings, and what more people would buy. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AccountantKind,
  budgetWarnings,
  defaultDelta,
  type Forecast,
  forecast,
  type Growth,
  growthOf,
  type PlannedAssumption,
  plannedAssumptions,
  plannedRoundsProblem,
} from '@tributary/privacy';
import { chartFile, csvText } from '@tributary/simulator';
import { CommandError } from '../exit/command-error.ts';
import type { Output } from '../output/output.ts';
import { textTable } from '../output/table.ts';
import { growthChart } from './plan-chart.ts';
import { assumptionTexts, relationTexts } from './relation-texts.ts';

export interface PlanOptions {
  readonly population: number;
  readonly cohort: number;
  readonly rounds: number;
  readonly participations?: number;
  readonly epsilon: number;
  readonly delta?: number;
  readonly clipNorm: number;
  readonly parameters?: number;
  readonly accountant: AccountantKind;
  readonly output?: string;
}

/** Of one assumption: noise and error within the budget, or why none is enough. */
export interface PlannedRow extends Forecast {
  /** L2 norm of the noise on all parameters of a round's mean; null without `parameters`, and for a tree. */
  readonly roundNoiseNorm: number | null;
  readonly growth: readonly Growth[];
}

/** @throws CommandError `input` for a cohort larger than the population, or a budget that no noise keeps */
export async function runPrivacyPlan(options: PlanOptions, output: Output): Promise<void> {
  const { population, cohort, rounds, epsilon, clipNorm, accountant } = options;
  const problem = plannedRoundsProblem(options);
  if (problem !== null) throw new CommandError('input', problem);
  const delta = options.delta ?? defaultDelta(population);
  const warnings = budgetWarnings({ epsilon, delta, population });
  for (const warning of warnings) output.note(`warning: ${warning}`);

  const rows = plannedAssumptions.map((assumption) => rowOf(assumption, options, delta));
  const assumed = (assumption: PlannedAssumption) =>
    assumption === 'none' && options.participations !== undefined
      ? `no sampling is assumed: everybody takes part in ${options.participations} rounds at most, as each device counts by itself`
      : assumptionTexts[assumption];
  const count = (value: number) => value.toLocaleString('en-US');
  const given = options.delta === undefined ? ' (the default for so many people)' : '';
  output.result(
    `${count(population)} people, cohorts of ${count(cohort)}, ${count(rounds)} rounds: epsilon ${epsilon} at delta ${delta}${given}, by ${accountant}\n`,
  );
  output.result(noiseTable(rows, options));
  output.result(
    `\nnoise: standard deviation on a coordinate of the mean contribution; clip norm ${clipNorm}.\n${rows
      .map(({ assumption, relation }) => `${assumption}: ${assumed(assumption)}; ${relationTexts[relation]}.`)
      .join('\n')}\n`,
  );
  output.result('What more people buy, where cohorts grow with them (noise or epsilon), and where they stay:\n');
  output.result(growthTable(rows));

  const document = { population, cohort, rounds, epsilon, delta, clipNorm, accountant, warnings, plans: rows };
  if (options.output !== undefined) await writePlan(options.output, document, rows, output);
  output.data(document);
}

function rowOf(assumption: PlannedAssumption, options: PlanOptions, delta: number): PlannedRow {
  const { epsilon, accountant, clipNorm, parameters } = options;
  const budget = { epsilon, delta, accountant };
  try {
    const { roundNoise, totalNoise, ...found } = forecast(assumption, options, budget);
    const growth = growthOf(assumption, options, budget).map((row) => ({
      ...row,
      totalNoise: row.totalNoise * clipNorm,
      sameCohort: { ...row.sameCohort, totalNoise: row.sameCohort.totalNoise * clipNorm },
    }));
    const ofRound = roundNoise === null ? null : roundNoise * clipNorm;
    const roundNoiseNorm = ofRound === null || parameters === undefined ? null : ofRound * Math.sqrt(parameters);
    return { ...found, roundNoise: ofRound, totalNoise: totalNoise * clipNorm, roundNoiseNorm, growth };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CommandError('input', error.message, {
      advice: 'Raise --epsilon or --delta, or plan fewer rounds.',
      cause: error,
    });
  }
}

const digits = (value: number | null) => (value === null ? '–' : value.toPrecision(4));

function noiseTable(rows: readonly PlannedRow[], { parameters }: PlanOptions): string {
  const norm = parameters === undefined ? [] : ['norm of it'];
  return textTable(
    ['assumed', 'relation', 'noise multiplier', 'noise in a round', ...norm, 'noise in all rounds'],
    rows.map(({ assumption, relation, noiseMultiplier, roundNoise, roundNoiseNorm, totalNoise }) => [
      assumption,
      relation,
      digits(noiseMultiplier),
      digits(roundNoise),
      ...norm.map(() => digits(roundNoiseNorm)),
      digits(totalNoise),
    ]),
    [0, 1],
  );
}

function growthTable(rows: readonly PlannedRow[]): string {
  return textTable(
    [
      'assumed',
      'people',
      'cohort',
      'noise in all rounds',
      'or epsilon at the noise of today',
      'noise, the cohort of today',
    ],
    rows.flatMap(({ assumption, growth }) =>
      growth.map(({ factor, population, cohort, totalNoise, epsilonAtSameNoise, sameCohort }) => [
        factor === 1 ? assumption : '',
        `${factor}x ${population}`,
        String(cohort),
        digits(totalNoise),
        epsilonAtSameNoise.toFixed(3),
        digits(sameCohort.totalNoise),
      ]),
    ),
  );
}

async function writePlan(
  folder: string,
  document: unknown,
  rows: readonly PlannedRow[],
  output: Output,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const files = {
    'plan.json': `${JSON.stringify(document, null, 2)}\n`,
    'plan.csv': planCsv(rows),
    'plan.svg': await chartFile(growthChart(rows)),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  output.note(`wrote ${Object.keys(files).join(', ')} to ${folder}`);
}

function planCsv(rows: readonly PlannedRow[]): string {
  const header = [
    ...['assumption', 'relation', 'factor', 'population', 'cohort', 'noise_multiplier', 'total_noise'],
    ...['epsilon_at_same_noise', 'same_cohort_noise_multiplier', 'same_cohort_total_noise'],
  ];
  const lines = rows.flatMap(({ assumption, relation, noiseMultiplier, growth }) =>
    growth.map(({ factor, population, cohort, totalNoise, epsilonAtSameNoise, sameCohort }) => [
      ...[assumption, relation, factor, population, cohort, noiseMultiplier, totalNoise],
      ...[epsilonAtSameNoise, sameCohort.noiseMultiplier, sameCohort.totalNoise],
    ]),
  );
  return csvText([header, ...lines]);
}

/** The table that a demo and a simulation end with. */
import { textTable } from './table.ts';

/** What the table shows of one model; the `metrics` of the one JSON shape have more. */
export interface ShownQuality {
  readonly sampled: { readonly 'hr@10': number; readonly 'ndcg@10': number };
  readonly full: { readonly 'hr@10': number; readonly 'ndcg@10': number; readonly 'coverage@10': number };
}

const titles: readonly (readonly [string, string])[] = [
  ['random', 'random'],
  ['popularity', 'popularity'],
  ['federated', 'federated'],
  ['central', 'central twin'],
];

/** Both rankings of each model that is there; with several seeds, mean and standard deviation. */
export function qualityTable(
  metrics: Readonly<Partial<Record<string, ShownQuality>>>,
  spread: Readonly<Partial<Record<string, ShownQuality>>> | null = null,
): string {
  const rows = titles.flatMap(([name, title]) => {
    const quality = metrics[name];
    if (!quality) return [];
    const deviation = spread?.[name];
    const figure = (value: number, of: number | undefined) =>
      of === undefined ? value.toFixed(3) : `${value.toFixed(3)} ±${of.toFixed(3)}`;
    return [
      [
        title,
        figure(quality.sampled['hr@10'], deviation?.sampled['hr@10']),
        figure(quality.sampled['ndcg@10'], deviation?.sampled['ndcg@10']),
        figure(quality.full['hr@10'], deviation?.full['hr@10']),
        figure(quality.full['ndcg@10'], deviation?.full['ndcg@10']),
        figure(quality.full['coverage@10'], deviation?.full['coverage@10']),
      ],
    ];
  });
  return textTable(['', 'sampled HR@10', 'sampled NDCG@10', 'full HR@10', 'full NDCG@10', 'coverage@10'], rows);
}

export interface ShownColdItems {
  readonly items: number;
  readonly 'ndcg@20': Readonly<Partial<Record<string, number>>>;
  readonly warmFullNdcg10: { readonly federated: number; readonly cfOnly: number | null };
}

const coldTitles: readonly (readonly [string, string])[] = [
  ['random', 'random'],
  ['cfOnly', 'the same plan by interactions alone'],
  ['federated', 'federated'],
  ['popularityOracle', 'popularity oracle (knows how popular each will be)'],
];

/** Items that nobody has touched yet, and what the warm ones lose by it. */
export function coldItemsTable({ items, 'ndcg@20': ndcg, warmFullNdcg10: warm }: ShownColdItems): string {
  const warmOf: Partial<Record<string, number | null>> = warm;
  const rows = coldTitles.flatMap(([name, title]) => {
    const value = ndcg[name];
    return value === undefined ? [] : [[title, value.toFixed(3), warmOf[name]?.toFixed(4) ?? '']];
  });
  return textTable([`${items} cold items`, 'NDCG@20', 'warm items, full NDCG@10'], rows);
}

export interface PrivacyLine {
  readonly plan: string;
  readonly epsilon: number | null;
  readonly delta: number | null;
  readonly assumption: string;
  /** Under secure aggregation: devices of a round, mask neighbours of each, shares that open a secret. */
  readonly cohort?: number;
  readonly neighbours?: number;
  readonly threshold?: number;
}

/** The privacy spend in a line, with the assumption that it stands on. */
export function privacyText(line: PrivacyLine): string {
  const { epsilon, delta, assumption } = line;
  const claim =
    epsilon === null || delta === null
      ? 'no (epsilon, delta) claim'
      : `(epsilon ${epsilon.toFixed(3)}, delta ${delta}) spent`;
  return `privacy: ${planText(line)}, ${claim}. ${assumption}`;
}

function planText({ plan, cohort, neighbours, threshold }: PrivacyLine): string {
  if (plan !== 'secure') return `plan \`${plan}\``;
  if (cohort === undefined) return 'plan secure (SecAgg+)';
  return `plan secure (SecAgg+), cohort ${cohort}, neighbours ${neighbours}, threshold ${threshold}`;
}

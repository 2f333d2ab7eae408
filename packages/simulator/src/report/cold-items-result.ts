/** Quality on cold items as `simulate --cold-items` reports it. */
import type { ColdItemsResult } from '../experiments/cold-items.ts';

export type ColdItemsModel = keyof ColdItemsResult['quality'];

export interface ColdItemsJson {
  readonly share: number;
  /** Items without interactions. */
  readonly items: number;
  /** People with items of both kinds; the mean over seeds. */
  readonly users: number;
  /** Means over seeds; `cfOnly` is missing where the plan is no hybrid. */
  readonly 'ndcg@20': Readonly<Partial<Record<ColdItemsModel, number>>>;
  /** One list for each seed, in their order. */
  readonly bySeed: readonly Readonly<Partial<Record<ColdItemsModel, number>>>[];
  /** Full-ranking NDCG@10 of the warm items, the same plan without texts and attributes beside it; means over seeds. */
  readonly warmFullNdcg10: { readonly federated: number; readonly cfOnly: number | null };
}

/** @param results one for each seed, at least one */
export function toColdItemsJson(results: readonly ColdItemsResult[]): ColdItemsJson {
  const bySeed = results.map(({ quality }) =>
    Object.fromEntries(Object.entries(quality).flatMap(([name, of]) => (of ? [[name, of['ndcg@20']]] : []))),
  ) as Partial<Record<ColdItemsModel, number>>[];
  const names = Object.keys(bySeed[0]) as ColdItemsModel[];
  const warm = (name: 'run' | 'cfOnlyRun') => results.map((result) => result[name]?.quality.federated.full['ndcg@10']);
  const without = warm('cfOnlyRun').filter((value) => value !== undefined);
  return {
    share: results[0].share,
    items: results[0].items,
    users: mean(results.map(({ quality }) => quality.federated.users)),
    'ndcg@20': Object.fromEntries(names.map((name) => [name, mean(bySeed.map((of) => of[name] ?? Number.NaN))])),
    bySeed,
    warmFullNdcg10: {
      federated: mean(warm('run').map((value) => value ?? Number.NaN)),
      cfOnly: without.length > 0 ? mean(without) : null,
    },
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** What each population has spent, on which tasks, and what is claimed by it. */

import type { Store, TaskRecord } from '@tributary/coordinator';
import { claimsOf, type PrivacyClaim } from '@tributary/coordinator/release';
import { countedNoises } from '@tributary/coordinator/round';
import {
  type AccountantKind,
  chargedEvents,
  composeEpsilon,
  type LedgerEntry,
  type NeighbourRelation,
} from '@tributary/privacy';
import type { Output } from '../output/output.ts';
import { textTable } from '../output/table.ts';
import { withStore } from '../store/open-existing.ts';
import { relationTexts } from './relation-texts.ts';

interface TaskSpend {
  readonly task: string;
  readonly charges: number;
  readonly released: number;
  readonly abandoned: number;
  readonly refused: number;
  /** Of its own charges; the tasks of a population add up to less than the sum of these. */
  readonly epsilonAlone: number;
  readonly claims: readonly PrivacyClaim[];
}

interface PopulationSpend {
  readonly population: string;
  readonly budget: number;
  readonly delta: number;
  readonly accountant: AccountantKind;
  readonly relation: NeighbourRelation;
  /** By the accountant that the budget refuses by, and by each of both. */
  readonly epsilon: number;
  readonly epsilonBy: Readonly<Record<AccountantKind, number>>;
  readonly remaining: number;
  readonly entries: number;
  readonly tasks: readonly TaskSpend[];
}

/** @throws StoreError */
export async function runPrivacySpend(folder: string, output: Output): Promise<void> {
  await withStore(folder, async (store) => {
    const populations = await spendOfStore(store);
    if (populations.length === 0) output.result('No population has a budget: no task of this store adds noise.');
    for (const spend of populations) output.result(shown(spend));
    output.data({ populations });
  });
}

async function spendOfStore(store: Store): Promise<PopulationSpend[]> {
  const tasks = await store.tasks();
  const spends: PopulationSpend[] = [];
  for (const population of await store.ledgerPopulations()) {
    const entries = await store.ledger.entries(population);
    const own = tasks.filter(({ document }) => document.population === population && document.privacy.noise !== null);
    const spend = spendOf(population, entries, own);
    if (spend) spends.push(spend);
  }
  return spends;
}

function spendOf(
  population: string,
  entries: readonly LedgerEntry[],
  tasks: readonly TaskRecord[],
): PopulationSpend | null {
  const opening = entries[0]?.body;
  if (opening?.kind !== 'open') return null;
  const { budget, delta, accountant, relation } = opening;
  const events = chargedEvents(entries);
  const epsilonBy = { pld: composeEpsilon(events, delta, 'pld'), rdp: composeEpsilon(events, delta, 'rdp') };
  const epsilon = epsilonBy[accountant];
  return {
    population,
    budget,
    delta,
    accountant,
    relation,
    epsilon,
    epsilonBy,
    remaining: Math.max(0, budget - epsilon),
    entries: entries.length,
    tasks: tasks.map((task) => taskSpend(task, tasks, entries, { epsilon, delta, accountant })),
  };
}

function taskSpend(
  { id, document }: TaskRecord,
  all: readonly TaskRecord[],
  entries: readonly LedgerEntry[],
  spend: { readonly epsilon: number; readonly delta: number; readonly accountant: AccountantKind },
): TaskSpend {
  const own = entries.filter(({ body }) => 'subject' in body && body.subject.task === id);
  const count = (kind: LedgerEntry['body']['kind']) => own.filter(({ body }) => body.kind === kind).length;
  return {
    task: id,
    charges: count('charge'),
    released: count('released'),
    abandoned: count('abandoned'),
    refused: count('refused'),
    epsilonAlone: composeEpsilon(chargedEvents(own), spend.delta, spend.accountant),
    claims: claimsOf(
      document,
      spend,
      countedNoises(document),
      all.filter((other) => other.id !== id).map((other) => other.document),
    ),
  };
}

function shown({
  population,
  budget,
  delta,
  epsilonBy,
  accountant,
  relation,
  remaining,
  tasks,
}: PopulationSpend): string {
  const other = accountant === 'pld' ? 'rdp' : 'pld';
  const table = textTable(
    ['task', 'charges', 'released', 'abandoned', 'refused', 'epsilon alone'],
    tasks.map(({ task, charges, released, abandoned, refused, epsilonAlone }) => [
      task,
      ...[charges, released, abandoned, refused].map(String),
      epsilonAlone.toFixed(3),
    ]),
  );
  const claims = tasks.flatMap(({ task, claims: lines }) =>
    lines.map(({ against, epsilon, assumption }) => {
      const who = against === 'readers' ? 'readers of the models' : 'the coordinator';
      return `${task}, against ${who}: ${epsilon === null ? 'no claim' : `epsilon ${epsilon.toFixed(3)}`}. ${assumption}`;
    }),
  );
  return [
    `population ${population}: epsilon ${epsilonBy[accountant].toFixed(3)} of ${budget} at delta ${delta}, by ${accountant} (${epsilonBy[other].toFixed(3)} by ${other}); ${remaining.toFixed(3)} left. ${relationTexts[relation]}.`,
    table,
    ...claims,
    '',
  ].join('\n');
}

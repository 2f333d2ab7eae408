import { seededRandom } from '@tributary/model';
import { splitLeaveLastOneOut, syntheticCatalogue } from '@tributary/model/data';
import { expect, test } from 'vitest';
import { smallTask } from '../engine/small-task.cases.ts';
import { toColdItemsJson } from '../report/cold-items-result.ts';
import { simulateColdItems } from './cold-items.ts';

const dataset = syntheticCatalogue({ users: 120, items: 100, interactionsPerUser: 15, seed: 3 });
const random = seededRandom(1);
/** Numbers that tell nothing of the items. */
const noise = { width: 4, values: Float32Array.from({ length: 400 }, () => random.gaussian()), source: 'noise' };
const plan = (fields: Readonly<Record<string, unknown>> = {}) =>
  smallTask({
    model: {
      kind: 'hybrid',
      features: { text: false, attributes: true },
      dimension: 6,
      unobservedWeight: 0.3,
      regularisation: 0.01,
    },
    rounds: 5,
    cohort: { target: 120, minimum: 60, overSelection: 1 },
    privacy: { plan: 'sealed', clipNorm: null },
    evaluation: { federated: false },
    ...fields,
  });
const options = {
  dataset,
  share: 0.2,
  workers: 1,
  centralTwin: false,
  evaluateEvery: 0,
  splitOf: async (warm: typeof dataset) => splitLeaveLastOneOut(warm, { negatives: 20, seed: 3, purpose: 'test' }),
} as const;

test('attributes make cold items live: above chance, and above the same plan by interactions alone', async () => {
  const result = await simulateColdItems({ ...options, task: plan() });
  const { 'ndcg@20': ndcg, items, users } = toColdItemsJson([result]);
  expect(items).toBe(20);
  expect(users).toBeGreaterThan(60);
  expect(ndcg.federated).toBeGreaterThan(1.15 * (ndcg.random ?? 1));
  expect(ndcg.federated).toBeGreaterThan(1.15 * (ndcg.cfOnly ?? 1));
  expect(result.run.task.model.kind).toBe('hybrid');
  expect(result.cfOnlyRun?.task.model.kind).toBe('implicit-als');
});

test('a plan by interactions alone is ranked without a second run', async () => {
  const task = plan({ model: { kind: 'implicit-als', dimension: 4, unobservedWeight: 0.3, regularisation: 0.01 } });
  const result = await simulateColdItems({ ...options, task });
  expect(result.cfOnlyRun).toBeNull();
  expect(toColdItemsJson([result])['ndcg@20']).not.toHaveProperty('cfOnly');
});

test('texts go through secure rounds with noise, charged as any other round', async () => {
  const task = plan({
    model: { kind: 'hybrid', dimension: 4, textComponents: 3, unobservedWeight: 0.3, regularisation: 0.01 },
    rounds: 2,
    privacy: { plan: 'secure', clipNorm: 4, noise: { budget: 50, delta: 1e-5 }, secure: { alignment: 0.9 } },
  });
  const { run } = await simulateColdItems({ ...options, task, encodings: noise, cryptography: false });
  expect(run.privacy.epsilon).toBeGreaterThan(0);
  expect(run.privacy.epsilon).toBeLessThanOrEqual(50);
  expect(run.parameters.every(Number.isFinite)).toBe(true);
});

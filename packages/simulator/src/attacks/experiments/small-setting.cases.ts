/** The smallest population that the experiments' tests attack. */
import { splitLeaveLastOneOut, syntheticCatalogue } from '@tributary/model/data';
import { smallTask } from '../../engine/small-task.cases.ts';
import type { AttackSetting } from './setting.ts';

const dataset = syntheticCatalogue({ users: 60, items: 40, interactionsPerUser: 10, seed: 3 });
const split = splitLeaveLastOneOut(dataset, { negatives: 20, seed: 3 });

/** Secure rounds, unless `fields` say otherwise. */
export function smallSetting(noise: object | null, fields: object = {}): AttackSetting {
  const task = smallTask({
    rounds: 3,
    cohort: { target: 60, minimum: 40, overSelection: 1 },
    privacy: { plan: 'secure', clipNorm: 4, noise },
    ...fields,
  });
  return { task, dataset, split, seed: 7, workers: 1 };
}

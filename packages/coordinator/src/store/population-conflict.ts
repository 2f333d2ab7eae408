/**
 * All tasks on one population add noise, or none does: a model without noise makes the population's (epsilon, delta) untrue. And all
 * hide the same people's exact sums from the coordinator, or none claims to.
 */
import { noisePlanOf, type TaskDocument } from '@tributary/protocol';
import { StoreError } from './store-error.ts';

type Planned = Pick<TaskDocument, 'task' | 'population' | 'privacy' | 'model'>;

/** @throws StoreError 'conflict' when one of the tasks is of the other kind on the same population */
export function refuseMixedPopulation(tasks: readonly Planned[], planned: Planned): void {
  const { population, privacy } = planned;
  const noisy = privacy.noise !== null;
  const same = tasks.filter((task) => task.population === population);
  const other = same.find((task) => (task.privacy.noise !== null) !== noisy);
  if (!other) {
    refuseMixedPlacement(same, planned);
    return;
  }
  const [theirs, ours] = noisy ? ['adds no noise', 'does'] : ['adds noise', 'does not'];
  throw new StoreError(
    'conflict',
    `Task '${other.task}' on population '${population}' ${theirs}, this one ${ours}: models without noise would make the population's (epsilon, delta) untrue. Use another population, or the same kind of plan.`,
  );
}

function refuseMixedPlacement(tasks: readonly Planned[], planned: Planned): void {
  const hidden = (task: Planned) => (noisePlanOf(task)?.placement ?? 'central') !== 'central';
  const other = tasks.find((task) => hidden(task) !== hidden(planned));
  if (!other) return;
  const [theirs, ours] = hidden(planned) ? ['the coordinator', 'devices'] : ['devices', 'the coordinator'];
  throw new StoreError(
    'conflict',
    `Noise of task '${other.task}' on population '${planned.population}' is added by ${theirs}, of this one by ${ours}: what is claimed against the coordinator would be untrue. Use another population, or the same privacy.noise.placement.`,
  );
}

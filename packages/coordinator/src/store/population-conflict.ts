/** All tasks on one population add noise, or none does: a model without noise makes the population's (epsilon, delta) untrue. */
import type { TaskDocument } from '@tributary/protocol';
import { StoreError } from './store-error.ts';

type Planned = Pick<TaskDocument, 'task' | 'population' | 'privacy'>;

/** @throws StoreError 'conflict' when one of the tasks is of the other kind on the same population */
export function refuseMixedPopulation(tasks: readonly Planned[], { population, privacy }: Planned): void {
  const noisy = privacy.noise !== null;
  const other = tasks.find((task) => task.population === population && (task.privacy.noise !== null) !== noisy);
  if (!other) return;
  const [theirs, ours] = noisy ? ['adds no noise', 'does'] : ['adds noise', 'does not'];
  throw new StoreError(
    'conflict',
    `Task '${other.task}' on population '${population}' ${theirs}, this one ${ours}: models without noise would make the population's (epsilon, delta) untrue. Use another population, or the same kind of plan.`,
  );
}

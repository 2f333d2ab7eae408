/** What is doubtful about a task's privacy budget, before anyone is asked to take part. */
import { budgetWarnings } from '@tributary/privacy';
import type { TaskDocument } from '@tributary/protocol';

/** @param population people of the task, where they are known; the fewest that there can be unless given */
export function taskWarnings(task: TaskDocument, population = fewestPeople(task)): readonly string[] {
  const { noise } = task.privacy;
  return noise ? budgetWarnings({ epsilon: noise.budget, delta: noise.delta, population }) : [];
}

function fewestPeople({ cohort, privacy }: TaskDocument): number {
  const sampling = privacy.noise?.sampling;
  if (sampling?.claim === 'fixed-size') return sampling.population;
  if (sampling?.claim === 'poisson') return Math.ceil(cohort.target / sampling.rate);
  return cohort.target;
}

/** The task that an example's model is trained by. */
import { checkTaskDocument, minimumSecureCohort, type TaskDocument } from '@tributary/protocol';

/**
 * Rounds under secure aggregation, of everybody who is there: at least twenty, since a sum over fewer says too much. A round
 * begins every few seconds, so that there is something to see; a real task has a few a day. No noise is added: twenty-odd people
 * are too few to hide in it.
 */
export function exampleTask(name: string, pauseSeconds: number): TaskDocument {
  const checked = checkTaskDocument({
    version: 1,
    task: name,
    population: `people-of-${name}`,
    model: { kind: 'implicit-als', dimension: 12, unobservedWeight: 0.4, regularisation: 0.02 },
    training: { recency: { floor: 0.05, timeConstant: 5 } },
    rounds: 1000,
    cohort: {
      target: 60,
      minimum: minimumSecureCohort,
      overSelection: 1,
      selectionSeconds: pauseSeconds,
      collectionSeconds: 30,
      phaseSeconds: 10,
    },
    privacy: { plan: 'secure', clipNorm: 8 },
    optimizer: { kind: 'fedavg', learningRate: 0.8 },
    evaluation: { federated: true, negatives: 99 },
    seed: 1,
  });
  if (!checked.ok) throw new TypeError(`The task of this example is wrong: ${JSON.stringify(checked.problems)}`);
  return checked.task;
}

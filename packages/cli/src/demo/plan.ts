/** The task that a demo trains. Its numbers were chosen on the validation item of the built-in catalogue. */
import { type AggregationPlan, checkTaskDocument, minimumSecureCohort, type TaskDocument } from '@tributary/protocol';

export const demoTaskId = 'demo';

export interface DemoPlanOptions {
  readonly devices: number;
  readonly rounds: number;
  readonly seed: number;
  readonly privacy: AggregationPlan;
  /** Whether the model sees texts and attributes of items. */
  readonly hybrid?: boolean;
}

/**
 * Most devices of a round, drawn anew for each. Every two of them exchange keys and shares, and all of them run on this machine.
 */
const largestCohort = 64;

/** The task document of a demo, defaults filled in. */
export function demoTask({ devices, rounds, seed, privacy, hybrid = false }: DemoPlanOptions): TaskDocument {
  const target = Math.min(devices, largestCohort);
  const minimum = Math.ceil(target / 2);
  const checked = checkTaskDocument({
    version: 1,
    task: demoTaskId,
    population: 'demo-devices',
    model: { kind: hybrid ? 'hybrid' : 'implicit-als', dimension: 16, unobservedWeight: 0.3, regularisation: 0.02 },
    training: { recency: { floor: 0.05, timeConstant: 5 } },
    rounds,
    cohort: {
      target,
      minimum: privacy === 'secure' ? Math.max(minimumSecureCohort, minimum) : Math.max(1, minimum),
      overSelection: 1,
      selectionSeconds: 30,
      collectionSeconds: 60,
      phaseSeconds: 20,
    },
    privacy: { plan: privacy, clipNorm: 8 },
    optimizer: { kind: 'fedavg', learningRate: 0.3 },
    evaluation: { federated: true, negatives: 99 },
    seed,
  });
  if (!checked.ok) throw new TypeError(`The demo's own plan is wrong: ${JSON.stringify(checked.problems)}`);
  return checked.task;
}

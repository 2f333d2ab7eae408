/** The task that a demo trains. Its numbers were chosen on the validation item of the built-in catalogue. */
import { checkTaskDocument, type TaskDocument } from '@tributary/protocol';

export const demoTaskId = 'demo';

export interface DemoPlanOptions {
  readonly devices: number;
  readonly rounds: number;
  readonly seed: number;
}

/** The task document of a demo, defaults filled in. */
export function demoTask({ devices, rounds, seed }: DemoPlanOptions): TaskDocument {
  const checked = checkTaskDocument({
    version: 1,
    task: demoTaskId,
    population: 'demo-devices',
    model: { kind: 'implicit-als', dimension: 16, unobservedWeight: 0.3, regularisation: 0.02 },
    training: { recency: { floor: 0.05, timeConstant: 5 } },
    rounds,
    cohort: {
      target: devices,
      minimum: Math.max(1, Math.ceil(devices / 2)),
      overSelection: 1,
      selectionSeconds: 30,
      collectionSeconds: 60,
    },
    privacy: { plan: 'sealed', clipNorm: null },
    optimizer: { kind: 'fedavg', learningRate: 0.5 },
    evaluation: { federated: true, negatives: 99 },
    seed,
  });
  if (!checked.ok) throw new TypeError(`The demo's own plan is wrong: ${JSON.stringify(checked.problems)}`);
  return checked.task;
}

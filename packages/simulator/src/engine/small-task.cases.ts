/** The smallest task that the engine's tests simulate, but for what each of them is about. */
import { checkTaskDocument, type TaskDocument } from '@tributary/protocol';

export function smallTask(fields: Readonly<Record<string, unknown>>): TaskDocument {
  const check = checkTaskDocument({
    version: 1,
    task: 'films',
    population: 'readers',
    model: { kind: 'implicit-als', dimension: 4, unobservedWeight: 0.3, regularisation: 0.01 },
    optimizer: { kind: 'fedavg', learningRate: 0.5 },
    ...fields,
  });
  if (!check.ok) throw new Error(check.problems.map(({ path, message }) => `${path}: ${message}`).join('\n'));
  return check.task;
}

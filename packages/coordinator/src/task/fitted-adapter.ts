import type { AdapterFit } from '@tributary/model';
import type { TaskDocument } from '@tributary/protocol';

/** The adapter that the coordinator fits after every round of the task; null where it fits none. */
export function adapterOf({ model }: Pick<TaskDocument, 'model'>): AdapterFit | null {
  return model.kind === 'hybrid' && model.plan === 'public-items' ? (model.adapter ?? null) : null;
}

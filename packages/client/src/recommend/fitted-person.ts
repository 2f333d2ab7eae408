/** A person as the model on the device sees them. */
import type { History, PrivateState } from '@tributary/model';
import type { PreparedModel } from './model-cache.ts';
import { popularityOf } from './popularity-cache.ts';

/** What a person's lists are made from. */
export interface FittedPerson {
  readonly model: PreparedModel;
  readonly history: History;
  /** Fitted from the history. */
  readonly state: PrivateState;
}

/** Whether there is nothing to tell the person from others by. */
export function isUnknown({ items, ownText }: History): boolean {
  return items.length === 0 && ownText === undefined;
}

/** Of all items [items], as they are listed by; not to be changed. */
export function scoresFor({ model, history, state }: FittedPerson): Float32Array {
  return isUnknown(history) ? popularityOf(model.bound) : model.bound.score(state);
}

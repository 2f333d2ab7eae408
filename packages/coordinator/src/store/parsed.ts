/** What stands in a row as text is read like any other input: damage is named, not trusted. */
import { StoreError } from './store-error.ts';

/** @throws StoreError 'damaged', without what stands there */
export function parsed(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable(what);
  }
}

export function unreadable(what: string): StoreError {
  return new StoreError('damaged', `${what} in the store cannot be read. Restore a backup.`);
}

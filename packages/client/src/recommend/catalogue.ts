/** The public catalogue of a task: what its items are called, and which index the model knows them by. */
import type { Item } from '@tributary/model';
import { utf8Text } from '@tributary/privacy';
import { TributaryError } from '../errors/tributary-error.ts';

export interface Catalogue {
  readonly items: readonly Item[];
  /** Index of an id, or undefined. */
  indexOf(id: string): number | undefined;
}

/**
 * Reads the bytes of a catalogue: UTF-8 JSON, an array of { id, title, attributes, description }.
 * @throws TributaryError 'malformed' when they are anything else, or of another number of items
 */
export function parseCatalogue(bytes: Uint8Array, itemCount: number): Catalogue {
  const malformed = (what: string, cause?: unknown) =>
    new TributaryError('malformed', `The coordinator's catalogue is not usable: ${what}.`, { cause });
  let value: unknown;
  try {
    value = JSON.parse(utf8Text(bytes));
  } catch (cause) {
    throw malformed('it is not UTF-8 JSON', cause);
  }
  if (!Array.isArray(value)) throw malformed('it is not an array');
  if (value.length !== itemCount) throw malformed(`it has ${value.length} items, and the task ${itemCount}`);
  const indices = new Map<string, number>();
  value.forEach((item, index) => {
    if (!isItem(item)) throw malformed(`item ${index} is not { id, title, attributes, description }`);
    if (indices.has(item.id)) throw malformed(`item ${index} has an id that occurred before`);
    indices.set(item.id, index);
  });
  return { items: value, indexOf: (id) => indices.get(id) };
}

function isItem(value: unknown): value is Item {
  if (typeof value !== 'object' || value === null) return false;
  const item = value as Record<string, unknown>;
  return (
    typeof item.id === 'string' &&
    item.id !== '' &&
    typeof item.title === 'string' &&
    typeof item.description === 'string' &&
    Array.isArray(item.attributes) &&
    item.attributes.every((attribute) => typeof attribute === 'string')
  );
}

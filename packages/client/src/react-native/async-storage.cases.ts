/** A key-value store in memory that keeps to AsyncStorage's rules: strings only, nothing at once, and no row above 2 MB. */
import type { KeyValueStore } from './key-value.ts';

export interface MemoryKeyValue extends KeyValueStore {
  readonly rows: Map<string, string>;
  /** Keys in the order in which they were written. */
  readonly written: string[];
  /** Every later write fails with this. */
  fail(reason: Error): void;
}

const longestRow = 2 * 1024 * 1024;

export function memoryKeyValue(): MemoryKeyValue {
  const rows = new Map<string, string>();
  const written: string[] = [];
  let failure: Error | null = null;
  const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

  return {
    rows,
    written,
    fail(reason) {
      failure = reason;
    },
    async getItem(key) {
      await turn();
      return rows.get(key) ?? null;
    },
    async setItem(key, value) {
      await turn();
      if (failure !== null) throw failure;
      if (typeof key !== 'string' || typeof value !== 'string') throw new TypeError('AsyncStorage takes strings only.');
      if (Buffer.byteLength(key) + Buffer.byteLength(value) >= longestRow) {
        throw new Error('Row too big to fit into CursorWindow');
      }
      rows.set(key, value);
      written.push(key);
    },
    async removeItem(key) {
      await turn();
      rows.delete(key);
    },
    async getAllKeys() {
      await turn();
      // In no order that could be relied upon.
      return [...rows.keys()].reverse();
    },
    async multiRemove(keys) {
      await turn();
      for (const key of keys) rows.delete(key);
    },
  };
}

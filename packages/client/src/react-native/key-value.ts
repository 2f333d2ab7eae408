/** What is used of `@react-native-async-storage/async-storage` (version 1 or 2); any asynchronous store of strings will do. */
export interface KeyValueStore {
  getItem(key: string): Promise<string | null>;
  setItem(key: string, value: string): Promise<void>;
  removeItem(key: string): Promise<void>;
  getAllKeys(): Promise<readonly string[]>;
  multiRemove(keys: string[]): Promise<void>;
  /** Where it is there, many values are read in one turn. */
  multiGet?(keys: string[]): Promise<readonly (readonly [string, string | null])[]>;
}

/** Characters of the longest value. On Android a row of 2 MB is written but cannot be read again. */
export const longestValue = 1_500_000;

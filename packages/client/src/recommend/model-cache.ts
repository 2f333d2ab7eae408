/**
 * Models and catalogues in memory, ready to use. An instance has a cache of its own; a host of many devices (a simulator, a
 * server, a test) passes one cache to all of them, so that a version is held, and what is computed once per version (a
 * Gramian) is computed, once per process.
 */
import type { BoundRecommender, ItemEncodings, Recommender } from '@tributary/model';
import type { ModelVersion } from '@tributary/protocol';
import type { Catalogue } from './catalogue.ts';

/** A verified model version, bound to its parameters. */
export interface PreparedModel {
  readonly version: ModelVersion;
  readonly recommender: Recommender;
  readonly bound: BoundRecommender;
  readonly catalogue: Catalogue;
  /** Row of the person's own text among the encodings that the model is bound to. */
  readonly ownText: number | undefined;
  /** Of the catalogue's texts, and of the person's own after them, where the task's devices read texts. */
  readonly encodings?: ItemEncodings | undefined;
  /** The bytes as they were downloaded. */
  readonly parameterBytes: Uint8Array;
  readonly catalogueBytes: Uint8Array;
}

export interface ModelCache {
  /**
   * Whether instances share downloads. When not, each device fetches and verifies its own bytes (the traffic of real devices)
   * and they are kept once all the same.
   */
  readonly downloads: 'shared' | 'each';
  readonly models: KeyedCache<PreparedModel>;
  readonly catalogues: KeyedCache<{ readonly catalogue: Catalogue; readonly bytes: Uint8Array }>;
}

/**
 * A cache for many instances in one process, such as a simulation.
 * @param options `capacity`: model versions that are kept, the most recently used ones, 2 by default; `downloads`: as in `ModelCache`
 */
export function createModelCache(options: { capacity?: number; downloads?: 'shared' | 'each' } = {}): ModelCache {
  const { capacity = 2, downloads = 'shared' } = options;
  return { downloads, models: createKeyedCache(capacity), catalogues: createKeyedCache(capacity) };
}

export interface KeyedCache<Value> {
  /** The value of the key, made by the first who asks; a failure is not kept, and whoever waited for it makes its own. */
  get(key: string, make: () => Promise<Value>): Promise<Value>;
}

/** Keeps the `capacity` most recently used values. */
export function createKeyedCache<Value>(capacity: number): KeyedCache<Value> {
  const entries = new Map<string, Promise<Value>>();

  async function get(key: string, make: () => Promise<Value>): Promise<Value> {
    const known = entries.get(key);
    if (known !== undefined) {
      // Most recently used last.
      entries.delete(key);
      entries.set(key, known);
      return known.catch(() => get(key, make));
    }
    const made = make();
    entries.set(key, made);
    for (const oldest of entries.keys()) {
      if (entries.size <= capacity) break;
      entries.delete(oldest);
    }
    try {
      return await made;
    } catch (error) {
      if (entries.get(key) === made) entries.delete(key);
      throw error;
    }
  }
  return { get };
}

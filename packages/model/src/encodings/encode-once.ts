/** Texts are encoded once: a cache knows them by what encoded them and by what they say. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { ItemEncodings } from './item-encodings.ts';

/** An encoder, and what tells it apart. */
export interface TextEncoding {
  /** SHA-256, hex, of weights, configuration and tokenizer. */
  readonly hash: string;
  /** SHA-256, hex, of the adapter's parameters; null for none. */
  readonly adapterHash: string | null;
  /** Length of a text's vector. */
  readonly width: number;
  /** @returns [texts * width] */
  encode(texts: readonly string[]): Promise<Float32Array>;
}

export interface EncodingsCache {
  /** The vector kept under a key; null where there is none, or where what was kept is not what was put in. */
  get(key: string, width: number): Promise<Float32Array | null>;
  set(key: string, vector: Float32Array): Promise<void>;
}

export interface EncodedOnce extends ItemEncodings {
  /** Texts that the encoder was asked for; all others were known. */
  readonly computed: number;
}

export interface EncodeOnceOptions {
  /** Texts that the encoder is given at once, >= 1. Default 16. */
  readonly batchSize?: number;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** SHA-256, hex, of encoder, adapter and text. */
export function encodingKey({ hash, adapterHash }: Pick<TextEncoding, 'hash' | 'adapterHash'>, text: string): string {
  // JSON escapes what could make two triples one.
  return digest(JSON.stringify([hash, adapterHash, text]));
}

export function memoryEncodings(): EncodingsCache {
  const kept = new Map<string, Float32Array>();
  return {
    get: async (key, width) => {
      const vector = kept.get(key);
      return vector?.length === width ? vector : null;
    },
    set: async (key, vector) => {
      kept.set(key, vector);
    },
  };
}

/**
 * Vectors of texts [texts * width] in their order, each computed at most once: repeated texts share one computation, and what the
 * cache has is not computed at all. Batches hold texts of about one length, so that little of them is padding.
 *
 * @throws what the encoder or the cache throws; the signal's reason on an abort, what was computed until then being kept
 */
export async function encodeOnce(
  texts: readonly string[],
  encoder: TextEncoding,
  cache: EncodingsCache,
  { batchSize = 16, onProgress, signal }: EncodeOnceOptions = {},
): Promise<EncodedOnce> {
  const { width } = encoder;
  const places = new Map<string, number[]>();
  for (const [at, text] of texts.entries()) places.set(text, [...(places.get(text) ?? []), at]);
  const values = new Float32Array(texts.length * width);
  const place = (text: string, vector: Float32Array) => {
    for (const at of places.get(text) ?? []) values.set(vector, at * width);
  };
  const unknown: string[] = [];
  for (const text of places.keys()) {
    const known = await cache.get(encodingKey(encoder, text), width);
    if (known) place(text, known);
    else unknown.push(text);
  }
  unknown.sort((a, b) => a.length - b.length);
  for (let from = 0; from < unknown.length; from += batchSize) {
    signal?.throwIfAborted();
    const batch = unknown.slice(from, from + batchSize);
    const vectors = await encoder.encode(batch);
    for (const [row, text] of batch.entries()) {
      const vector = vectors.slice(row * width, (row + 1) * width);
      place(text, vector);
      await cache.set(encodingKey(encoder, text), vector);
    }
    onProgress?.(places.size - unknown.length + from + batch.length, places.size);
  }
  const source = digest(JSON.stringify([encoder.hash, encoder.adapterHash, texts]));
  return { width, values, source, computed: unknown.length };
}

function digest(text: string): string {
  return bytesToHex(sha256(new TextEncoder().encode(text)));
}

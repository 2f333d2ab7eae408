/** Bytes that devices ask for: model versions and the catalogue, from an offset. */
import { type Answer, type Content, chunkBytes, type ModelVersion, RefusalError } from '@tributary/protocol';
import { bytesOfFloats } from '../store/blobs.ts';
import type { Store } from '../store/store.ts';

export interface InForce {
  readonly version: ModelVersion;
  readonly parameters: Float32Array;
}

export interface Downloads {
  /** @throws RefusalError 'unknown-version', 'wrong-length' */
  fetch(content: Content<'fetch'>, inForce: InForce): Promise<Answer<'fetch'>>;
}

/** What nearly everybody asks for, the version in force and the task's catalogue, is read from memory. */
export function createDownloads(store: Store, catalogueHash: string): Downloads {
  let catalogue: Uint8Array | null = null;

  async function fetchModel(hash: string, offset: number, { version, parameters }: InForce) {
    if (hash === version.parametersHash) return partOf('parameters', bytesOfFloats(parameters), offset);
    const part = await store.parameterBytes(hash, offset, chunkBytes);
    if (!part) throw unknown('parameters');
    if (offset > part.total) throw beyond('parameters', part.total);
    return { total: part.total, offset, bytes: part.bytes };
  }

  async function fetchCatalogue(hash: string, offset: number) {
    // Other tasks' catalogues are for their own devices: reading one here would take memory that nobody planned.
    if (hash !== catalogueHash) throw unknown('catalogue');
    catalogue ??= await store.catalogue(hash);
    if (!catalogue) throw unknown('catalogue');
    return partOf('catalogue', catalogue, offset);
  }

  return {
    fetch: ({ kind, hash, offset }, inForce) =>
      kind === 'model' ? fetchModel(hash, offset, inForce) : fetchCatalogue(hash, offset),
  };
}

function partOf(what: string, bytes: Uint8Array, offset: number): Answer<'fetch'> {
  if (offset > bytes.length) throw beyond(what, bytes.length);
  return { total: bytes.length, offset, bytes: bytes.subarray(offset, offset + chunkBytes) };
}

function unknown(what: string): RefusalError {
  return new RefusalError('unknown-version', `There is no ${what} of that hash; ask for the version in force.`);
}

function beyond(what: string, total: number): RefusalError {
  return new RefusalError('wrong-length', `The ${what} has ${total} bytes; there is nothing at that offset.`);
}

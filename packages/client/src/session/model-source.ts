/**
 * Gets the model of a version ready: from the cache, from the storage, or from the coordinator, where an interrupted download
 * goes on at the byte where it stopped.
 */
import { createRecommender, type LocalBackendFactory, type RecommenderSpecification } from '@tributary/model';
import { bytesToHex, hexToBytes } from '@tributary/privacy';
import {
  decodeReply,
  download,
  emptyDownload,
  encodeReply,
  type ModelVersion,
  type PartialDownload,
  recommenderSpecificationOf,
  type TaskSummary,
} from '@tributary/protocol';
import { StorageError, TributaryError } from '../errors/tributary-error.ts';
import { type Catalogue, parseCatalogue } from '../recommend/catalogue.ts';
import type { ModelCache, PreparedModel } from '../recommend/model-cache.ts';
import type { Emit } from '../sdk/events.ts';
import { inBlobTurn } from '../storage/blob-turns.ts';
import type { Storage } from '../storage/storage.ts';
import type { Connection } from './connection.ts';
import type { ItemTexts } from './item-texts.ts';
import { verifyVersion } from './trust.ts';

type BlobKind = 'model' | 'catalogue';

export interface ModelSource {
  /**
   * Ready for use and stored for the next, perhaps offline, start. Calls for one version share the work.
   * @throws TributaryError 'policy' when the version does not fit the task's description, 'connection', 'malformed'
   */
  prepare(version: ModelVersion, summary: TaskSummary, connection: Connection): Promise<PreparedModel>;
  /** The version that was in use last, from the storage alone; null when there is none, or it does not hold any more. */
  restore(task: string, coordinatorKey: string | null): Promise<PreparedModel | null>;
}

export function createModelSource(options: {
  readonly storage: Storage;
  readonly cache: ModelCache;
  readonly emit: Emit;
  readonly tfjs: LocalBackendFactory | undefined;
  readonly texts: ItemTexts;
}): ModelSource {
  const { storage, cache, emit, tfjs, texts } = options;
  const partials = new Map<string, PartialDownload>();
  const underWay = new Map<string, Promise<PreparedModel>>();
  /** Version that the storage holds. */
  let stored: string | null = null;

  async function fetchBytes(kind: BlobKind, hash: string, size: number, connection: Connection): Promise<Uint8Array> {
    const partial = partials.get(hash) ?? emptyDownload();
    partials.set(hash, partial);
    const bytes = await download({
      hash,
      partial,
      request: async (offset) => {
        const chunk = await connection.request('fetch', { kind, hash, offset });
        // Refused before a buffer of the claimed size is made.
        if (chunk.total !== size) {
          throw new TributaryError(
            'malformed',
            `The coordinator offers a ${kind} of ${chunk.total} bytes; it announced ${size}.`,
          );
        }
        return chunk;
      },
      onProgress: (transferred, total) => emit('progress', { direction: 'down', kind, transferred, total }),
    });
    partials.delete(hash);
    return bytes;
  }

  /** From the storage, else from the coordinator; a damaged copy counts as none. */
  async function bytesOf(kind: BlobKind, hash: string, size: number, connection: Connection | null) {
    const kept = await storage.readBlob(hash).catch((error) => {
      if (error instanceof StorageError && error.code === 'storage-damaged') return null;
      throw error;
    });
    if (kept !== null && kept.length === size) return kept;
    if (connection === null) throw new TributaryError('no-model', `The stored ${kind} is missing or damaged.`);
    return fetchBytes(kind, hash, size, connection);
  }

  async function catalogueOf(summary: TaskSummary, connection: Connection | null) {
    const { catalogueHash, catalogueBytes, itemCount } = summary;
    const get = () => bytesOf('catalogue', catalogueHash, catalogueBytes, connection);
    const parse = async (bytes: Uint8Array) => ({ catalogue: parseCatalogue(bytes, itemCount), bytes });
    if (cache.downloads === 'shared') return cache.catalogues.get(catalogueHash, async () => parse(await get()));
    const bytes = await get();
    return cache.catalogues.get(catalogueHash, () => parse(bytes));
  }

  async function bind(
    version: ModelVersion,
    summary: TaskSummary,
    parameterBytes: Uint8Array,
    known: { catalogue: Catalogue; bytes: Uint8Array },
  ): Promise<PreparedModel> {
    const specification = recommenderSpecificationOf(summary, summary.itemCount) as RecommenderSpecification;
    const read = await texts.read(specification, summary, known.catalogue);
    const recommender = createRecommender(specification, { tfjs, items: known.catalogue.items, ...read });
    if (recommender.layout.hash !== version.layoutHash || recommender.layout.size * 4 !== version.parameterBytes) {
      throw new TributaryError(
        'policy',
        `Model version ${version.hash.slice(0, 12)} has another layout than the task's description gives ` +
          `(${version.parameterBytes} bytes; expected ${recommender.layout.size * 4}). Update this package, or tell the operator.`,
      );
    }
    return {
      version,
      recommender,
      bound: recommender.bind(floatsOf(parameterBytes)),
      catalogue: known.catalogue,
      ownText: texts.ownRow(specification),
      encodings: read.encodings,
      parameterBytes,
      catalogueBytes: known.bytes,
    };
  }

  async function make(
    version: ModelVersion,
    summary: TaskSummary,
    connection: Connection | null,
  ): Promise<PreparedModel> {
    const key = `${version.hash} ${texts.sharedBy}`;
    const get = () => bytesOf('model', version.parametersHash, version.parameterBytes, connection);
    const catalogue = await catalogueOf(summary, connection);
    if (cache.downloads === 'shared') {
      return cache.models.get(key, async () => bind(version, summary, await get(), catalogue));
    }
    const bytes = await get();
    return cache.models.get(key, async () => bind(version, summary, bytes, catalogue));
  }

  async function keep(version: ModelVersion, summary: TaskSummary, model: PreparedModel): Promise<void> {
    if (stored === version.hash) return;
    const blobs = [version.parametersHash, version.catalogueHash];
    if (stored === null || (await storage.readRecord('model'))?.blobs[1] !== version.catalogueHash) {
      await storage.writeBlob(version.catalogueHash, model.catalogueBytes);
    }
    await storage.writeBlob(version.parametersHash, model.parameterBytes);
    const description = encodeReply('authenticate', {
      ok: true,
      value: { session: 'stored', summary, version, running: true },
    });
    await storage.writeRecord('model', { description: bytesToHex(description), blobs });
    const upload = await storage.readRecord('interruptedUpload');
    await storage.keepBlobs(upload === null ? blobs : [...blobs, upload.sha256]);
    stored = version.hash;
  }

  return {
    prepare(version, summary, connection) {
      const known = underWay.get(version.hash);
      if (known !== undefined) return known;
      const made = make(version, summary, connection).then(async (model) => {
        await inBlobTurn(storage, () => keep(version, summary, model));
        return model;
      });
      const done = made.finally(() => underWay.delete(version.hash));
      underWay.set(version.hash, done);
      return done;
    },

    async restore(task, coordinatorKey) {
      const record = await storage.readRecord('model');
      if (record === null || coordinatorKey === null) return null;
      try {
        const { version, summary } = decodeReply('authenticate', hexToBytes(record.description));
        verifyVersion(version, task, hexToBytes(coordinatorKey));
        const model = await make(version, summary, null);
        stored = version.hash;
        return model;
      } catch (error) {
        if (error instanceof StorageError || (error instanceof TributaryError && error.code === 'texts')) throw error;
        // Written by an earlier protocol, or no longer whole: the next connection brings it anew.
        return null;
      }
    },
  };
}

const hostIsLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Little-endian float32 as numbers; a view where alignment allows. */
function floatsOf(bytes: Uint8Array): Float32Array {
  if (hostIsLittleEndian && bytes.byteOffset % 4 === 0) {
    return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Float32Array.from({ length: Math.floor(bytes.length / 4) }, (_, i) => view.getFloat32(4 * i, true));
}

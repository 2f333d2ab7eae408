/** What a device reads of texts: the catalogue's encodings, made once, and the encoder whose adapter it trains where it can. */
import {
  choosePlan,
  type EncodingsCache,
  encodeOnce,
  type ItemEncodings,
  itemText,
  memoryEncodings,
  type OnDeviceSpecification,
  type RecommenderOptions,
  type RecommenderSpecification,
  type TextModel,
  type TrainableEncoder,
} from '@tributary/model';
import type { TaskSummary } from '@tributary/protocol';
import { TributaryError } from '../errors/tributary-error.ts';
import type { Catalogue } from '../recommend/catalogue.ts';

export interface TextOptions {
  /** `createTextModel` of '@tributary/model/encoder'; many instances in a process may share one, and what it has encoded. */
  readonly model: TextModel;
  /** The person's own words. They stay on this device, as what is made of them does; not stored. */
  readonly own?: string;
  /** Where encodings are kept from one start to the next; in memory by default. */
  readonly cache?: EncodingsCache;
  /** Memory that texts may take [bytes]; no limit by default. */
  readonly memoryBytes?: number;
  /** Longest that a round's adapter step may take on this device [seconds], as measured on a few texts; 10 by default. */
  readonly adapterSeconds?: number;
}

/** Texts that a device's speed is measured on. */
const measuredTexts = 4;
const defaultAdapterSeconds = 10;

export interface ItemTexts {
  /** Options of the recommender of this task and catalogue. Calls for one catalogue share the work. */
  read(
    specification: RecommenderSpecification,
    summary: TaskSummary,
    catalogue: Catalogue,
  ): Promise<Pick<RecommenderOptions, 'encodings' | 'encoder' | 'trainsAdapter'>>;
  /** Row of the person's own text among the encodings; undefined without one. */
  ownRow(specification: RecommenderSpecification): number | undefined;
}

/** @param now milliseconds, to measure by */
export function createItemTexts(texts: TextOptions | undefined, now: () => number): ItemTexts {
  const cache = texts?.cache ?? memoryEncodings();
  const known = new Map<string, Promise<Awaited<ReturnType<ItemTexts['read']>>>>();
  return {
    async read(specification, summary, catalogue) {
      if (!readsTexts(specification)) return {};
      const { model, own } = checkedTexts(texts, summary, specification);
      const wording = [...catalogue.items.map(itemText), ...(own === undefined ? [] : [own])];
      const made = known.get(summary.catalogueHash) ?? readWith(model, wording, specification, cache, texts, now);
      known.set(summary.catalogueHash, made);
      made.catch(() => known.delete(summary.catalogueHash));
      return made;
    },
    ownRow: (specification) =>
      readsTexts(specification) && texts?.own !== undefined ? specification.itemCount : undefined,
  };
}

function readsTexts(specification: RecommenderSpecification): specification is OnDeviceSpecification {
  return specification.kind === 'hybrid' && specification.plan !== 'public-items' && specification.features.text;
}

function checkedTexts(
  texts: TextOptions | undefined,
  { task, model }: TaskSummary,
  { textWidth }: OnDeviceSpecification,
): TextOptions {
  const hash = model.kind === 'hybrid' && model.plan !== 'public-items' ? model.encoder : null;
  if (!texts) {
    throw new TributaryError(
      'texts',
      `The task '${task}' reads texts by the encoder ${hash}. Pass it as texts: { model: await createTextModel(…) } of '@tributary/model/encoder'.`,
    );
  }
  if (texts.model.hash !== hash || texts.model.width !== textWidth) {
    throw new TributaryError(
      'texts',
      `The encoder passed as texts.model is ${texts.model.hash}, ${texts.model.width} numbers a text; the task '${task}' expects ${hash} and ${textWidth}.`,
    );
  }
  return texts;
}

async function readWith(
  model: TextModel,
  wording: readonly string[],
  { adapter }: OnDeviceSpecification,
  cache: EncodingsCache,
  limits: Pick<TextOptions, 'memoryBytes' | 'adapterSeconds'> = {},
  now: () => number,
): Promise<{ encodings: ItemEncodings; encoder?: TrainableEncoder; trainsAdapter?: boolean }> {
  const { memoryBytes = Number.POSITIVE_INFINITY, adapterSeconds = defaultAdapterSeconds } = limits;
  const required = { cheapMemoryBytes: model.requiredBytes(false), fullMemoryBytes: model.requiredBytes(true) };
  refuseWithoutMemory(memoryBytes, required.cheapMemoryBytes);
  const { computed: _computed, ...encodings } = await encodeOnce(wording, model, cache);
  if (!adapter) return { encodings };
  const encoder = model.trainable(wording, adapter);
  const choice = choosePlan({
    ...required,
    memoryBytes,
    budgetSeconds: adapterSeconds,
    textsPerRound: adapter.texts,
    measuredTextsPerSecond: memoryBytes < required.fullMemoryBytes ? 0 : textsPerSecond(encoder, now),
  });
  return { encodings, encoder, trainsAdapter: choice.plan === 'full' };
}

function refuseWithoutMemory(memoryBytes: number, cheapMemoryBytes: number): void {
  if (memoryBytes >= cheapMemoryBytes) return;
  throw new TributaryError(
    'texts',
    `The encoder takes about ${cheapMemoryBytes} bytes of memory; texts.memoryBytes allows ${memoryBytes}. ` +
      'Allow more, or leave this task to devices that have it.',
  );
}

/** Of an adapter's step: forward and backward through a few of the texts. */
function textsPerSecond(encoder: TrainableEncoder, now: () => number): number {
  const rows = Uint32Array.from({ length: Math.min(measuredTexts, encoder.texts) }, (_, row) => row);
  const adapter = encoder.initialAdapter(0);
  const step = () => encoder.gradient(adapter, new Float32Array(rows.length * encoder.width).fill(1), rows);
  // The first makes kernels and caches.
  step();
  const started = now();
  step();
  return (1000 * rows.length) / Math.max(1, now() - started);
}

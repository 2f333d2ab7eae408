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
} from '@tributary/model';
import { deviceEncoderOf, type TaskSummary } from '@tributary/protocol';
import { reasonOf, TributaryError } from '../errors/tributary-error.ts';
import type { Catalogue } from '../recommend/catalogue.ts';
import { textsPerSecond } from './adapter-speed.ts';

/** The encoder of a device that reads texts, and what it may spend. */
export interface TextOptions {
  /** `createTextModel` of '@tributary/model/encoder'; many instances in a process may share one. */
  readonly model: TextModel;
  /**
   * The person's own words; they are neither sent nor stored. Only for tasks under secure aggregation with noise of the devices: what the
   * words teach is in the contribution.
   */
  readonly own?: string;
  /** Where encodings of the catalogue's texts are kept from one start to the next; in memory by default. */
  readonly cache?: EncodingsCache;
  /** Memory that encoder and catalogue may take [bytes], by an estimate; no limit by default. */
  readonly memoryBytes?: number;
  /**
   * Longest that a round's way back through the encoder may take on this device [seconds], as measured on a few texts; 10 by default. A
   * slower device joins without it. Encoding the texts that it trains on, forward, is not counted.
   */
  readonly adapterSeconds?: number;
}

const defaultAdapterSeconds = 10;

type ReadTexts = Pick<RecommenderOptions, 'encodings' | 'encoder' | 'trainsAdapter'>;

export interface ItemTexts {
  /** Equal where instances may share what is bound to a model version. */
  readonly sharedBy: string;
  /**
   * Options of the recommender of this task and catalogue. Calls for one catalogue share the work.
   * @throws TributaryError 'texts' where the encoder is missing, another one or too large, or the person's own words would be at risk
   */
  read(specification: RecommenderSpecification, summary: TaskSummary, catalogue: Catalogue): Promise<ReadTexts>;
  /** Row of the person's own text among the encodings; undefined without one. */
  ownRow(specification: RecommenderSpecification): number | undefined;
}

/** @param now milliseconds, to measure by */
export function createItemTexts(texts: TextOptions | undefined, now: () => number): ItemTexts {
  const cache = texts?.cache ?? memoryEncodings();
  /** Of the catalogue and adapter that were asked for last. */
  let known: { readonly key: string; readonly read: Promise<ReadTexts> } | null = null;
  return {
    sharedBy: JSON.stringify([texts?.model.hash ?? null, texts?.memoryBytes ?? null, texts?.adapterSeconds ?? null]),
    async read(specification, summary, catalogue) {
      if (!readsTexts(specification)) return {};
      const given = checkedTexts(texts, summary, specification);
      const key = JSON.stringify([summary.catalogueHash, specification.adapter]);
      if (known?.key === key) return known.read;
      const made = { key, read: readWith(given, catalogue, specification, cache, now) };
      known = made;
      made.read.catch(() => {
        if (known === made) known = null;
      });
      return made.read;
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
  { task, model, privacyPlan, noise }: TaskSummary,
  { textWidth }: OnDeviceSpecification,
): TextOptions {
  const hash = deviceEncoderOf(model)?.hash ?? null;
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
  // The part of the contribution that own words train is their encoding times a vector: a sum of few, without noise, would tell it.
  if (texts.own !== undefined && !(privacyPlan === 'secure' && noise?.placement === 'distributed')) {
    throw new TributaryError(
      'texts',
      `The task '${task}' is not under secure aggregation with noise of the devices; what a person's own words teach could be read from its sums. ` +
        'Leave texts.own out for this task.',
    );
  }
  return texts;
}

async function readWith(
  { model, own, memoryBytes = Number.POSITIVE_INFINITY, adapterSeconds = defaultAdapterSeconds }: TextOptions,
  { items }: Catalogue,
  { adapter }: OnDeviceSpecification,
  cache: EncodingsCache,
  now: () => number,
): Promise<ReadTexts> {
  const texts = items.map(itemText);
  const all = own === undefined ? texts : [...texts, own];
  const required = (training: boolean) => model.requiredBytes({ training, texts: all.length, adapter });
  const cheapMemoryBytes = required(false);
  const limits = { memoryBytes, cheapMemoryBytes, fullMemoryBytes: required(true), budgetSeconds: adapterSeconds };
  // Asked before anything is made.
  const fits = choosePlan({ ...limits, textsPerRound: 0, measuredTextsPerSecond: 0 });
  if (fits.plan === 'refused') throw new TributaryError('texts', fits.message);
  try {
    const { computed: _computed, ...ofItems } = await encodeOnce(texts, model, cache);
    const encodings = own === undefined ? ofItems : await withOwn(ofItems, own, model);
    if (!adapter) return { encodings };
    const encoder = model.trainable(all, adapter);
    if (fits.plan === 'cheap') return { encodings, encoder, trainsAdapter: false };
    const measured = { textsPerRound: adapter.texts, measuredTextsPerSecond: textsPerSecond(encoder, now) };
    return { encodings, encoder, trainsAdapter: choosePlan({ ...limits, ...measured }).plan === 'full' };
  } catch (cause) {
    // No further attempt mends an encoder that cannot do what the task asks.
    throw new TributaryError('texts', `The task's texts cannot be read: ${reasonOf(cause)}`, { cause });
  }
}

/** The person's own text is kept nowhere but in these encodings. */
async function withOwn(ofItems: ItemEncodings, own: string, model: TextModel): Promise<ItemEncodings> {
  const values = new Float32Array(ofItems.values.length + model.width);
  values.set(ofItems.values);
  values.set(await model.encode([own]), ofItems.values.length);
  return { ...ofItems, values };
}

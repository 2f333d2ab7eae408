/** Recommenders and their central twins from a specification. */
import {
  createRecommender,
  deviceSpecification,
  type Interactions,
  type Item,
  type ItemEncodings,
  itemText,
  type Recommender,
  type RecommenderOptions,
  type RecommenderSpecification,
  trainCentralImplicitAls,
  trainCentralSgd,
} from '@tributary/model';

export interface KnownOfItems {
  /** Of the data set, where steps or vectors depend on them. */
  readonly items?: readonly Item[] | undefined;
  readonly encodings?: ItemEncodings | undefined;
  /** Folder of the text encoder whose adapter is trained; the built-in one by default. */
  readonly encoderFolder?: string | null | undefined;
  /** Of the encoder that the task names; null or left out where it names none. */
  readonly encoderHash?: string | null | undefined;
}

export async function buildRecommender(
  specification: RecommenderSpecification,
  known: KnownOfItems = {},
): Promise<Recommender> {
  const { items, encodings } = known;
  return createRecommender(specification, { ...(await optionsFor(specification, known)), items, encodings });
}

/** TensorFlow.js takes a second to load: only where the specification asks for it. */
async function optionsFor(
  specification: RecommenderSpecification,
  { items, encodings, encoderFolder = null, encoderHash = null }: KnownOfItems,
): Promise<Pick<RecommenderOptions, 'tfjs' | 'encoder'>> {
  if (specification.kind === 'hybrid') {
    // Without encodings devices train by the plan public-items, and the coordinator takes steps by the plan full: neither reads texts.
    if (specification.plan === 'cheap' || !specification.adapter || !encodings || !items) return {};
    const { trainableEncoder } = await import('./trainable-encoder.ts');
    const texts = items.map(itemText);
    return { encoder: await trainableEncoder(encoderFolder, encoderHash, texts, specification.adapter) };
  }
  if (!('backend' in specification) || specification.backend !== 'tfjs') return {};
  const { createTfjsBackend } = await import('@tributary/model/tfjs');
  return { tfjs: createTfjsBackend };
}

/** Shared parameters [layout.size], trained by the same loss with all data in one place. */
export async function trainCentrally(
  specification: RecommenderSpecification,
  train: Interactions,
  passes: number,
  seed: number,
): Promise<Float32Array> {
  // What the fusion adds is not of anybody's data: the twin is of the part that is.
  if (specification.kind === 'hybrid') {
    if (specification.plan !== 'public-items') throw new TypeError('A hybrid trained on devices has no central twin.');
    return trainCentrally(deviceSpecification(specification), train, passes, seed);
  }
  if (specification.kind === 'implicit-als')
    return trainCentralImplicitAls(specification, train, { sweeps: passes, seed });
  return trainCentralSgd(specification, train, { epochs: passes, seed, ...(await optionsFor(specification, {})) });
}

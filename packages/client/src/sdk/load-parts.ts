/** Parts of the SDK that load when they are needed. */
import { TributaryError } from '../errors/tributary-error.ts';
import type { ModelSource } from '../session/model-source.ts';
import type { Emit } from './events.ts';
import type { OpenedOptions } from './options.ts';

/** @throws TributaryError 'connection' where the app's server does not give a part of this package */
export async function loaded<Part>(load: () => Promise<Part>): Promise<Part> {
  try {
    return await load();
  } catch (cause) {
    throw new TributaryError(
      'connection',
      "A part of this package could not be loaded from the app's own server. It is tried again; where a new version of the app was put in its place, load the page anew.",
      { cause },
    );
  }
}

export async function openModelSource(options: OpenedOptions, emit: Emit): Promise<ModelSource> {
  const { createModelSource } = await loaded(() => import('../session/model-source.ts'));
  const { createItemTexts } = await loaded(() => import('../session/item-texts.ts'));
  const { storage, modelCache: cache, tfjs, texts } = options;
  return createModelSource({ storage, cache, emit, tfjs, texts: createItemTexts(texts, () => performance.now()) });
}

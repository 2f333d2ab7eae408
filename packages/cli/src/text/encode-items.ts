/** Encodings of a catalogue's items, kept in a folder where one is named. */
import { encodeOnce, type Item, type ItemEncodings, itemText, memoryEncodings } from '@tributary/model';
import { fileEncodings } from '@tributary/model/encoder/node';
import type { Output } from '../output/output.ts';
import { loadEncoder, type TextEmbedder } from './load-encoder.ts';

export interface EncodeItemsOptions {
  /** Where encodings are kept from one run to the next; undefined: nowhere. */
  readonly folder?: string | undefined;
  readonly output: Output;
  readonly signal: AbortSignal;
}

export async function encodeItems(
  items: readonly Item[],
  encoder: TextEmbedder,
  { folder, output, signal }: EncodeItemsOptions,
): Promise<ItemEncodings> {
  const progress = output.progress('encoding items', items.length);
  try {
    const { computed, ...encodings } = await encodeOnce(
      items.map(itemText),
      {
        hash: encoder.hash,
        adapterHash: null,
        width: encoder.width,
        encode: async (texts) => Float32Array.from((await encoder.encode(texts)).flatMap(({ embedding }) => embedding)),
      },
      folder === undefined ? memoryEncodings() : fileEncodings(folder),
      { onProgress: (done) => progress.update(done), signal },
    );
    output.note(`${items.length} item texts, ${computed} of them encoded now.`);
    return encodings;
  } finally {
    progress.stop();
  }
}

/** The same in one call, the encoder loaded for it alone. @param model folder of the encoder; undefined: the built-in one */
export async function encodeCatalogue(
  items: readonly Item[],
  { model, ...options }: EncodeItemsOptions & { readonly model?: string | undefined },
): Promise<ItemEncodings> {
  const encoder = await loadEncoder({ ...(model === undefined ? {} : { model }), backend: 'auto' }, options.output);
  try {
    return await encodeItems(items, encoder, options);
  } finally {
    encoder.dispose();
  }
}

/** Encodings of a catalogue's items, kept in a folder where one is named. */
import { encodeOnce, type Item, type ItemEncodings, itemText, memoryEncodings } from '@tributary/model';
import { fileEncodings } from '@tributary/model/encoder/node';
import { CommandError } from '../exit/command-error.ts';
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

/**
 * The same in one call, the encoder loaded for it alone.
 * @param model folder of the encoder; undefined: the built-in one
 * @param expected what the task says of the encoder; null where it takes any
 * @throws CommandError `input` where the encoder is another
 */
export async function encodeCatalogue(
  items: readonly Item[],
  {
    model,
    expected = null,
    ...options
  }: EncodeItemsOptions & {
    readonly model?: string | undefined;
    readonly expected?: { readonly hash: string | null; readonly width: number } | null;
  },
): Promise<ItemEncodings> {
  const encoder = await loadEncoder({ ...(model === undefined ? {} : { model }), backend: 'auto' }, options.output);
  try {
    if (expected && (encoder.hash !== expected.hash || encoder.width !== expected.width)) {
      throw new CommandError(
        'input',
        `The encoder has hash ${encoder.hash} and width ${encoder.width}; the task names ${expected.hash} and ${expected.width}.`,
        {
          advice:
            "Give the task's encoder by --encoder, or set model.encoder and model.textWidth in the plan to this one's.",
        },
      );
    }
    return await encodeItems(items, encoder, options);
  } finally {
    encoder.dispose();
  }
}

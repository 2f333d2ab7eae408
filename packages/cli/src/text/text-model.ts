/** A text encoder as devices take it. */
import { encodeOnce, type Item, itemText, memoryEncodings, type RecommenderOptions } from '@tributary/model';
import { createTextModel, type LoadedTextModel } from '@tributary/model/encoder';
import { openEncoder } from '@tributary/model/encoder/node';
import { deviceEncoderOf, type TaskDocument } from '@tributary/protocol';
import { CommandError } from '../exit/command-error.ts';
import type { Output } from '../output/output.ts';

/** @param folder of the encoder; true for the built-in one, as an option without a value says it */
export async function loadTextModel(folder: string | true, output: Output): Promise<LoadedTextModel> {
  const opened = await openEncoder(folder === true ? null : folder);
  const name = folder === true ? 'built-in' : folder;
  output.note(`Encoder ${name}, licence ${opened.licence ?? 'not named in the folder'}, hash ${opened.hash}.`);
  return createTextModel(opened);
}

/**
 * What a recommender that scores by texts on devices needs beside its parameters; nothing where it does not.
 * @throws CommandError `input` where the encoder is missing or another one
 */
export async function textsForScoring(
  { model: of, task }: TaskDocument,
  items: readonly Item[],
  folder: string | true | undefined,
  output: Output,
): Promise<Pick<RecommenderOptions, 'encodings' | 'encoder'>> {
  const expected = deviceEncoderOf(of);
  if (!expected) return {};
  if (folder === undefined) {
    throw new CommandError('input', `The task '${task}' scores by texts, with the encoder ${expected.hash}.`, {
      advice: 'Add --encoder for the built-in encoder, or --encoder and its folder.',
    });
  }
  const model = await loadTextModel(folder, output);
  if (model.hash !== expected.hash) {
    throw new CommandError('input', `The encoder has hash ${model.hash}; the task '${task}' names ${expected.hash}.`, {
      advice: "Give the folder of the task's encoder.",
    });
  }
  const texts = items.map(itemText);
  const { computed: _computed, ...encodings } = await encodeOnce(texts, model, memoryEncodings());
  return of.kind === 'hybrid' && of.plan === 'full'
    ? { encodings, encoder: model.trainable(texts, of.adapter) }
    : { encodings };
}

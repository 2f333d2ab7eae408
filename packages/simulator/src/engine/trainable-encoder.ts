/** The encoder of the plan `full`, one for all devices that a thread simulates: they share what it makes of a text. */
import type { LoraDescription, TrainableEncoder } from '@tributary/model';
import { createTextModel, openBuiltInEncoder } from '@tributary/model/encoder';
import { openEncoderFolder } from '@tributary/model/encoder/node';

/** @param folder null for the built-in encoder */
export async function trainableEncoder(
  folder: string | null,
  texts: readonly string[],
  adapter: LoraDescription,
): Promise<TrainableEncoder> {
  const opened = folder === null ? await openBuiltInEncoder() : await openEncoderFolder(folder);
  return (await createTextModel(opened)).trainable(texts, adapter);
}

/** The encoder of the plan `full`, one for all devices that a thread simulates: they share what it makes of a text. */
import type { LoraDescription, TrainableEncoder } from '@tributary/model';
import { createTextModel } from '@tributary/model/encoder';
import { openEncoder } from '@tributary/model/encoder/node';
import { SimulationError } from './options.ts';

/**
 * @param folder null for the built-in encoder
 * @param hash of the encoder that the task names; null where it names none
 * @throws SimulationError where it is another one
 */
export async function trainableEncoder(
  folder: string | null,
  hash: string | null,
  texts: readonly string[],
  adapter: LoraDescription,
): Promise<TrainableEncoder> {
  const opened = await openEncoder(folder);
  if (hash !== null && opened.hash !== hash) {
    throw new SimulationError(`The encoder has hash ${opened.hash}; the task names ${hash}. Give the task's encoder.`);
  }
  return (await createTextModel(opened)).trainable(texts, adapter);
}

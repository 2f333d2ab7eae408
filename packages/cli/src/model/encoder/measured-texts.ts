/** Texts that an encoder is measured or trained on. */
import { itemText } from '@tributary/model';
import { CommandError } from '../../exit/command-error.ts';
import { loadCatalogue } from '../../text/load-catalogue.ts';

/**
 * The texts of a catalogue's items, each once, in the catalogue's order; where there are more than `most`, so many of them at
 * equal steps.
 * @throws CommandError `input` where there are fewer than `least`; DataError
 */
export async function catalogueTexts(catalogue: string, least: number, most: number): Promise<string[]> {
  const texts = [...new Set((await loadCatalogue(catalogue)).map(itemText))].filter((text) => text !== '');
  if (texts.length < least) {
    throw new CommandError('input', `The catalogue ${catalogue} has ${texts.length} different texts.`, {
      advice: `Expected ${least} or more; name another catalogue, or "synthetic".`,
    });
  }
  if (texts.length <= most) return texts;
  return Array.from({ length: most }, (_, at) => texts[Math.floor((at * texts.length) / most)]);
}

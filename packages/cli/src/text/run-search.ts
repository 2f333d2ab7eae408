/** Finds the items of a catalogue whose texts are nearest to a query. */
import type { TextSearchOptions } from '../commands/text.ts';
import type { Output } from '../output/output.ts';
import { plainText, textTable } from '../output/table.ts';
import { encodeItems } from './encode-items.ts';
import { loadCatalogue } from './load-catalogue.ts';
import { loadEncoder } from './load-encoder.ts';
import { cosine } from './similarity.ts';

/** @throws DataError, CommandError or EncoderError; the signal's reason when it is aborted */
export async function runTextSearch(options: TextSearchOptions, output: Output, signal: AbortSignal): Promise<void> {
  const items = await loadCatalogue(options.catalogue);
  const encoder = await loadEncoder(options, output);
  try {
    const [query] = await encoder.encode([options.query]);
    const { width, values } = await encodeItems(items, encoder, { folder: options.encodings, output, signal });
    const found = items
      .map(({ id, title }, at) => ({
        id,
        title,
        similarity: cosine(query.embedding, values.subarray(at * width, (at + 1) * width)),
      }))
      .sort((a, b) => b.similarity - a.similarity)
      .slice(0, options.top);
    const rows = found.map(({ id, title, similarity }) => [plainText(id, 30), plainText(title), similarity.toFixed(4)]);
    output.result(textTable(['id', 'title', 'cosine'], rows, [0, 1]));
    output.data({ query: options.query, items: items.length, found });
  } finally {
    encoder.dispose();
  }
}

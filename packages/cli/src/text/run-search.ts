/** Finds the items of a catalogue whose texts are nearest to a query. */
import { itemText } from '@tributary/model';
import type { TextSearchOptions } from '../commands/text.ts';
import type { Output } from '../output/output.ts';
import { plainText, textTable } from '../output/table.ts';
import { loadCatalogue } from './load-catalogue.ts';
import { loadEncoder, type TextEmbedder } from './load-encoder.ts';
import { cosine } from './similarity.ts';

const textsPerBatch = 16;

/** @throws DataError, CommandError or EncoderError; the signal's reason when it is aborted */
export async function runTextSearch(options: TextSearchOptions, output: Output, signal: AbortSignal): Promise<void> {
  const items = await loadCatalogue(options.catalogue);
  const encoder = await loadEncoder(options, output);
  try {
    const [query] = await encoder.encode([options.query]);
    const embeddings = await encodeAll(encoder, items.map(itemText), output, signal);
    const found = items
      .map(({ id, title }, at) => ({ id, title, similarity: cosine(query.embedding, embeddings[at]) }))
      .sort((a, b) => b.similarity - a.similarity)
      .slice(0, options.top);
    const rows = found.map(({ id, title, similarity }) => [plainText(id, 30), plainText(title), similarity.toFixed(4)]);
    output.result(textTable(['id', 'title', 'cosine'], rows, [0, 1]));
    output.data({ query: options.query, items: items.length, found });
  } finally {
    encoder.dispose();
  }
}

/** In the order of the texts; batches hold texts of about one length, so that little is padding. */
async function encodeAll(
  encoder: TextEmbedder,
  texts: readonly string[],
  output: Output,
  signal: AbortSignal,
): Promise<number[][]> {
  const embeddings = new Array<number[]>(texts.length);
  const order = texts.map((_, at) => at).sort((a, b) => texts[a].length - texts[b].length);
  const progress = output.progress('encoding items', texts.length);
  try {
    for (let at = 0; at < order.length; at += textsPerBatch) {
      signal.throwIfAborted();
      const batch = order.slice(at, at + textsPerBatch);
      const encoded = await encoder.encode(batch.map((index) => texts[index]));
      for (const [place, { embedding }] of encoded.entries()) embeddings[batch[place]] = embedding;
      progress.update(at + batch.length);
    }
  } finally {
    progress.stop();
  }
  return embeddings;
}

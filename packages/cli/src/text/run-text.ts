/** Encodes texts, and compares them. */
import type { TextEncodeOptions } from '../commands/text.ts';
import { CommandError } from '../exit/command-error.ts';
import type { Output } from '../output/output.ts';
import { plainText, textTable } from '../output/table.ts';
import { loadEncoder, type TextEmbedder } from './load-encoder.ts';
import { cosine } from './similarity.ts';

export async function runTextEncode(options: TextEncodeOptions, output: Output): Promise<void> {
  const results = await encodeTexts(options, output, 1);
  for (const [at, { ids, embedding }] of results.entries()) {
    output.result(`${plainText(options.text[at])}: ${ids.length} tokens, ${embedding.length} numbers`);
    output.result(`  ids ${ids.slice(0, 12).join(' ')}${ids.length > 12 ? ' …' : ''}`);
    const first = embedding.slice(0, 6).map((value) => value.toFixed(4));
    output.result(`  embedding ${first.join(' ')} … (all of it with --json)`);
  }
  output.data(results.length === 1 ? results[0] : { results });
}

export async function runTextSimilar(options: TextEncodeOptions, output: Output): Promise<void> {
  const results = await encodeTexts(options, output, 2);
  const { text } = options;
  const pairs = text.flatMap((_, a) =>
    text.slice(a + 1).map((_, offset) => {
      const b = a + 1 + offset;
      return { a: text[a], b: text[b], similarity: cosine(results[a].embedding, results[b].embedding) };
    }),
  );
  const rows = pairs.map(({ a, b, similarity }) => [plainText(a, 40), plainText(b, 40), similarity.toFixed(4)]);
  output.result(textTable(['text', 'other text', 'cosine'], rows, [0, 1]));
  output.data(pairs.length === 1 ? { similarity: pairs[0].similarity } : { pairs });
}

async function encodeTexts(options: TextEncodeOptions, output: Output, least: number) {
  const { text } = options;
  if (text.length < least) {
    throw new CommandError('usage', `${text.length} texts were given; expected ${least} or more.`, {
      advice: 'Give each text by an option of its own: --text "first" --text "second".',
    });
  }
  const encoder = await loadEncoder(options, output);
  try {
    return await encodeEach(encoder, text);
  } finally {
    encoder.dispose();
  }
}

/** One by one: texts of very different lengths would pad each other. */
async function encodeEach(encoder: TextEmbedder, texts: readonly string[]) {
  const results = [];
  for (const text of texts) results.push(...(await encoder.encode([text])));
  return results;
}

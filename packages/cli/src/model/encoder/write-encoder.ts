/** An encoder's folder, written as one that opens again. */
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { EncoderTexts } from '@tributary/model/encoder';

export interface EncoderToWrite {
  /** config.json, tokenizer.json and what else belongs to it, by path in the folder. */
  readonly texts: EncoderTexts;
  /** Parts of model.safetensors. */
  readonly weights: AsyncIterable<Uint8Array>;
  /** As the source names it; null where it does not. */
  readonly licence: string | null;
  /** Sentences for README.md: what this is and what it was made from. */
  readonly description: string;
}

export async function writeEncoder(
  folder: string,
  { texts, weights, licence, description }: EncoderToWrite,
  signal: AbortSignal,
): Promise<void> {
  for (const [name, text] of Object.entries(texts)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  const front = licence === null ? '' : `---\nlicense: ${licence}\n---\n`;
  await writeFile(join(folder, 'README.md'), `${front}# Encoder\n\n${description}\n`);
  await pipeline(Readable.from(weights), createWriteStream(join(folder, 'model.safetensors')), { signal });
}

import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { bytesSource } from '../../safetensors/index.ts';
import { parseConfiguration } from '../configuration/parse.ts';
import { hashFiles } from '../hash-files.ts';
import type { OpenedEncoder } from '../opened-encoder.ts';
import { readTokenizer } from '../tokenization/read-tokenizer.ts';
import { openWeights } from '../weights-file/open-weights.ts';
import { builtInEncoderFiles } from './files.ts';

/** The encoder that is always there, as one from a folder. */
export async function openBuiltInEncoder(): Promise<OpenedEncoder> {
  const { texts, weights, licence } = await builtInEncoderFiles();
  const configuration = parseConfiguration(texts);
  const bytes = new TextEncoder();
  const files = Object.entries(texts).map(([name, text]) => [name, bytesToHex(sha256(bytes.encode(text)))] as const);
  return {
    configuration,
    weights: await openWeights([{ name: 'model.safetensors', source: bytesSource(weights) }]),
    tokenizer: readTokenizer(texts, configuration),
    hash: hashFiles([...files, ['model.safetensors', bytesToHex(sha256(weights))]]),
    licence,
  };
}

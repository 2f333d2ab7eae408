/** An encoder from a Hugging Face folder. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { cardLicence } from '../configuration/licence.ts';
import { type EncoderTexts, parseConfiguration } from '../configuration/parse.ts';
import { poolingFile } from '../configuration/pooling.ts';
import { EncoderError } from '../error.ts';
import { hashFiles } from '../hash-files.ts';
import type { OpenedEncoder } from '../opened-encoder.ts';
import { readTokenizer } from '../tokenization/read-tokenizer.ts';
import { openWeights, type WeightFile } from '../weights-file/open-weights.ts';
import { fileSource, hashFile, readTextFile } from './files.ts';
import { checkShards, parseShardIndex } from './shards.ts';

const textFiles: readonly string[] = [
  'config.json',
  'modules.json',
  'sentence_bert_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
];
const weightsFile = 'model.safetensors';

/**
 * Reads config.json, tokenizer.json, sentence-transformers' files where there are some, and the headers of model.safetensors or
 * of the files that model.safetensors.index.json names. The weights' bytes are hashed as a stream; their values are read when
 * asked for, one tensor at a time.
 * @throws EncoderError that says which file is wrong and how
 */
export async function openEncoderFolder(folder: string): Promise<OpenedEncoder> {
  const texts = await readEncoderTexts(folder);
  const configuration = parseConfiguration(texts);
  const tokenizer = readTokenizer(texts, configuration);
  const { files, index } = await weightFiles(folder);
  const weights = await openWeights(files);
  if (index) checkShards(index, weights.names);
  const hashed = [...Object.keys(texts), ...files.map(({ name }) => name)];
  const hashes: (readonly [string, string])[] = [];
  for (const name of hashed) hashes.push([name, await hashFile(join(folder, name))]);
  return { configuration, weights, tokenizer, hash: hashFiles(hashes), licence: await readLicence(folder) };
}

/**
 * The JSON files of an encoder's folder that an encoding depends on, by path: configuration, tokenizer, pooling.
 * @throws EncoderError where there is no such folder or a file is too large
 */
export async function readEncoderTexts(folder: string): Promise<EncoderTexts> {
  if (!(await isFolder(folder))) throw missing(`there is no folder ${folder}`);
  const texts: Record<string, string> = {};
  const add = async (name: string) => {
    const text = await readTextFile(folder, name);
    if (text !== undefined) texts[name] = text;
  };
  for (const name of textFiles) await add(name);
  const pooling = texts['modules.json'] === undefined ? undefined : poolingFile(texts['modules.json']);
  if (pooling !== undefined) await add(pooling);
  return texts;
}

async function isFolder(folder: string): Promise<boolean> {
  try {
    return (await stat(folder)).isDirectory();
  } catch {
    return false;
  }
}

async function weightFiles(folder: string): Promise<{ files: WeightFile[]; index?: ReadonlyMap<string, string> }> {
  const whole = await fileSource(join(folder, weightsFile));
  if (whole) return { files: [{ name: weightsFile, source: whole }] };
  const text = await readTextFile(folder, `${weightsFile}.index.json`);
  if (text === undefined) throw missing(`there is neither ${weightsFile} nor ${weightsFile}.index.json in ${folder}`);
  const index = parseShardIndex(text);
  const files: WeightFile[] = [];
  for (const name of [...new Set(index.values())].sort()) {
    const source = await fileSource(join(folder, name));
    if (!source) throw missing(`there is no ${name}, which ${weightsFile}.index.json names`);
    files.push({ name, source });
  }
  return { files, index };
}

async function readLicence(folder: string): Promise<string | null> {
  return cardLicence((await readTextFile(folder, 'README.md')) ?? '');
}

function missing(problem: string): EncoderError {
  return new EncoderError({
    code: 'missing-file',
    problem,
    expected: 'a Hugging Face folder with config.json, tokenizer.json and model.safetensors',
    remedy: 'Download the whole model, or give the folder that has these files.',
  });
}

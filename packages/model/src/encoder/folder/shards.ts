/** model.safetensors.index.json: which file of several holds which tensor. */
import { EncoderError } from '../error.ts';
import { isRecord, parseJsonObject } from '../json.ts';

const indexFile = 'model.safetensors.index.json';

/**
 * The file of each tensor.
 * @throws EncoderError 'malformed', also for a file that is not beside the index
 */
export function parseShardIndex(text: string): ReadonlyMap<string, string> {
  const { weight_map: map } = parseJsonObject(indexFile, text);
  if (!isRecord(map)) throw malformed('has no weight_map', 'an object of tensors and their files');
  const files = new Map<string, string>();
  for (const [tensor, file] of Object.entries(map)) {
    if (typeof file !== 'string' || !/^[\w-][\w.-]*\.safetensors$/.test(file)) {
      throw malformed(`names the file ${JSON.stringify(file)?.slice(0, 80)}`, 'a safetensors file beside it');
    }
    files.set(tensor, file);
  }
  return files;
}

/** @throws EncoderError 'malformed' where a tensor of the index is not in the weights */
export function checkShards(index: ReadonlyMap<string, string>, names: readonly string[]): void {
  const found = new Set(names);
  const [missing] = [...index].find(([tensor]) => !found.has(tensor)) ?? [];
  if (missing !== undefined) throw malformed(`names the tensor ${missing}, which no file has`, 'a tensor of its files');
}

function malformed(problem: string, expected: string): EncoderError {
  return new EncoderError({
    code: 'malformed',
    problem: `${indexFile} ${problem}`,
    expected,
    remedy: 'Download the model again.',
  });
}

/** The fuzzed texts of test/golden/tokenizer_goldens.py and the ids that Python tokenizers give them. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const goldenText = (file: string) =>
  readFileSync(new URL(`../../../../../test/golden/${file}`, import.meta.url), 'utf8');

export const fuzzedTexts = JSON.parse(goldenText('tokenizer-texts.json')) as readonly string[];

export function referenceIds(file: string): number[][] {
  return (JSON.parse(goldenText(file)) as string[]).map((line) => line.split(' ').map((id) => Number.parseInt(id, 36)));
}

export const miniLmFolder = join(
  process.env.TRIBUTARY_MODELS ?? fileURLToPath(new URL('../../../../../../shared/models', import.meta.url)),
  'all-MiniLM-L6-v2',
);
export const miniLmMissing = !existsSync(join(miniLmFolder, 'model.safetensors'));
export const whyMissing = miniLmMissing ? ' (skipped: set TRIBUTARY_MODELS to a folder that has it)' : '';

/** A tiny BERT with drawn weights as the files of a folder, a catalogue in its words, and the command on them. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { seededRandom, writeSafetensors } from '@tributary/model';
import { parseConfiguration, requiredWeights } from '@tributary/model/encoder';
import { run } from '../../run.ts';

const words =
  'river stone lantern murder garden engine planet detective soup winter piano ship desert letter wolf'.split(' ');
const vocabulary = ['[PAD]', '[UNK]', ...words, 'the', 'of', '.'];
const vocab = Object.fromEntries(vocabulary.map((word, id) => [word, id]));

export type Files = Readonly<Record<string, string | Uint8Array>>;

/** Layers add as much to a state as it holds, so that a layer left out is missed. */
export function tinyEncoderFiles(layers = 4): Files {
  const texts = {
    'config.json': JSON.stringify({
      model_type: 'bert',
      hidden_size: 16,
      num_hidden_layers: layers,
      num_attention_heads: 2,
      intermediate_size: 32,
      vocab_size: vocabulary.length,
      max_position_embeddings: 24,
    }),
    'modules.json': JSON.stringify(
      ['Transformer', 'Pooling', 'Normalize'].map((type, at) => ({
        path: type === 'Pooling' ? '1_Pooling' : '',
        type,
        idx: at,
      })),
    ),
    '1_Pooling/config.json': JSON.stringify({ pooling_mode_mean_tokens: true }),
    'tokenizer.json': JSON.stringify({
      added_tokens: [],
      normalizer: {
        type: 'BertNormalizer',
        clean_text: true,
        handle_chinese_chars: true,
        strip_accents: null,
        lowercase: true,
      },
      pre_tokenizer: { type: 'BertPreTokenizer' },
      model: { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', vocab },
    }),
  };
  const random = seededRandom(7);
  const tensors = requiredWeights(parseConfiguration(texts)).map(({ name, shape }) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const scale = shape.length === 1 ? 0.1 : 1 / Math.sqrt(shape[1]);
    const centre = name.endsWith('LayerNorm.weight') ? 1 : 0;
    return { name, shape, values: Float32Array.from({ length: size }, () => centre + scale * random.gaussian()) };
  });
  return {
    ...texts,
    'README.md': '---\nlicense: apache-2.0\n---\n# Tiny',
    'model.safetensors': writeSafetensors({ tensors, metadata: {} }),
  };
}

export function writeFiles(folder: string, files: Files): string {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

/** Items of three words each, as .jsonl. */
export function tinyCatalogue(items: number): string {
  const random = seededRandom(11);
  const word = () => words[random.below(words.length)];
  return Array.from({ length: items }, (_, id) =>
    JSON.stringify({ id: String(id), title: `${word()} of the ${word()}`, description: `The ${word()}.` }),
  ).join('\n');
}

/** What a folder has in it, files of folders in it too. */
export const namesIn = (folder: string) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();

export function model(...commandLine: string[]) {
  return modelUntil(new AbortController().signal, () => undefined, ...commandLine);
}

/** @param onNote is told what is written to standard error */
export async function modelUntil(signal: AbortSignal, onNote: (note: string) => void, ...commandLine: string[]) {
  const written = { out: [] as string[], error: [] as string[] };
  const streams = {
    out: { write: (part: string) => written.out.push(part) },
    error: {
      write: (part: string) => {
        written.error.push(part);
        onNote(part);
      },
    },
  };
  const code = await run(['model', ...commandLine, '--json'], { env: {}, signal, streams });
  const lines = written.out.join('').trimEnd().split('\n');
  return { code, lines: lines.length, notes: written.error.join(''), data: JSON.parse(lines.at(-1) ?? '') };
}

/** `tributary text`: what texts mean to an encoder. */
import type { Command } from 'commander';
import { collect, integerValue } from '../options/values.ts';
import { type CommandContext, jsonHelp, withHelp } from './context.ts';

export interface TextOptions {
  readonly model?: string;
  readonly maxTokens?: number;
  readonly backend: string;
  readonly json?: boolean;
}

export interface TextEncodeOptions extends TextOptions {
  readonly text: readonly string[];
}

export interface TextSearchOptions extends TextOptions {
  readonly catalogue: string;
  readonly query: string;
  readonly top: number;
  readonly encodings?: string;
}

export function addTextCommand(program: Command, context: CommandContext): void {
  const text = program
    .command('text')
    .description('Encodes texts, compares them, and finds items of a catalogue by what their texts say.');
  withHelp(text, { examples: ['tributary text similar --text thriller --text whodunit'], exits: ['input'] });

  const encoding = withEncoder(
    text
      .command('encode')
      .description('Gives the token ids and the embedding of a text, or of several.')
      .option('--text <text>', 'text to encode; may be given several times', collect, []),
  ).action(async (options: TextEncodeOptions) => {
    const { runTextEncode } = await import('../text/run-text.ts');
    await runTextEncode(options, context.outputOf(options));
  });
  withHelp(encoding, {
    examples: [
      'tributary text encode --text thriller --json',
      'tributary text encode --model ../shared/models/all-MiniLM-L6-v2 --text thriller --json',
    ],
    exits: ['input'],
  });

  const comparing = withEncoder(
    text
      .command('similar')
      .description('Gives the cosine similarity of each two of the texts.')
      .option('--text <text>', 'text to compare; two or more', collect, []),
  ).action(async (options: TextEncodeOptions) => {
    const { runTextSimilar } = await import('../text/run-text.ts');
    await runTextSimilar(options, context.outputOf(options));
  });
  withHelp(comparing, { examples: ['tributary text similar --text thriller --text whodunit'], exits: ['input'] });

  const searching = withEncoder(
    text
      .command('search')
      .description('Finds the items of a catalogue whose texts are nearest to a query.')
      .requiredOption(
        '--catalogue <file>',
        'items as .json, .jsonl or .csv with id, title, attributes, description; or a data set, or "synthetic"',
      )
      .requiredOption('--query <text>', 'what to look for')
      .option('--top <number>', 'items to list', integerValue(1, 1000), 10)
      .option('--encodings <folder>', 'keep encodings of texts there, so that none is computed twice'),
  ).action(async (options: TextSearchOptions) => {
    const { runTextSearch } = await import('../text/run-search.ts');
    await runTextSearch(options, context.outputOf(options), context.signal);
  });
  withHelp(searching, {
    examples: ['tributary text search --catalogue synthetic --query mystery --top 5'],
    exits: ['input', 'interrupted'],
  });
}

function withEncoder(command: Command): Command {
  return command
    .option('--model <folder>', 'Hugging Face folder of an encoder; left out: the built-in one')
    .option('--max-tokens <number>', 'tokens kept of a text; left out: what the model says', integerValue(3, 65_536))
    .option('--backend <name>', 'auto, tensorflow, wasm or cpu', 'auto')
    .option('--json', jsonHelp);
}

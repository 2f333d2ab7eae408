/** The part of `tributary model` that is about text encoders: made smaller, and fetched. */
import type { Command } from 'commander';
import { integerValue } from '../options/values.ts';
import { type CommandContext, jsonHelp, withHelp } from './context.ts';

export interface ModelQuantiseOptions {
  readonly model: string;
  readonly out: string;
  readonly measure: string;
  readonly texts: number;
  readonly backend: string;
  readonly json?: boolean;
}

export function addModelEncoderCommands(model: Command, context: CommandContext): void {
  const quantising = withFolders(
    model
      .command('quantise')
      .description("Writes a text encoder's matrices in int8, a scale for each row, and measures what that loses."),
  )
    .option(
      '--measure <catalogue>',
      'items whose texts are compared: .json, .jsonl or .csv; or a data set, or "synthetic"',
      'synthetic',
    )
    .option('--texts <number>', 'texts compared at most', integerValue(2, 20_000), 500)
    .option('--backend <name>', 'auto, tensorflow, wasm or cpu', 'auto')
    .option('--json', jsonHelp)
    .action(async (options: ModelQuantiseOptions) => {
      const { runModelQuantise } = await import('../model/encoder/run-quantise.ts');
      await runModelQuantise(options, context.outputOf(options), context.signal);
    });
  withHelp(quantising, {
    examples: ['tributary model quantise --model ../shared/models/all-MiniLM-L6-v2 --out models/mini-lm-int8'],
    exits: ['input', 'store', 'interrupted', 'terminated'],
  });
}

function withFolders(command: Command): Command {
  return command
    .requiredOption('--model <folder>', 'Hugging Face folder of an encoder')
    .requiredOption('--out <folder>', 'folder to write; it must not exist, or be empty');
}

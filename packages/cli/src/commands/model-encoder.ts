/** The part of `tributary model` that is about text encoders: made smaller, and fetched. */
import type { Command } from 'commander';
import { folderUrlValue, modelSourceValue, revisionValue } from '../model/pull/source.ts';
import { hashValue, integerValue, numberValue } from '../options/values.ts';
import { type CommandContext, jsonHelp, withHelp } from './context.ts';

export interface ModelQuantiseOptions {
  readonly model: string;
  readonly out: string;
  readonly measure: string;
  readonly texts: number;
  readonly backend: string;
  readonly json?: boolean;
}

export interface ModelDistilOptions {
  readonly model: string;
  readonly out: string;
  readonly catalogue: string;
  readonly layers?: number;
  readonly epochs: number;
  readonly learningRate: number;
  readonly texts: number;
  readonly seed: number;
  readonly backend: string;
  readonly json?: boolean;
}

export interface ModelPullOptions {
  readonly out: string;
  readonly yes?: boolean;
  readonly from: string;
  readonly revision: string;
  readonly sha256?: string;
  readonly mostMegabytes: number;
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

  const distilling = withFolders(
    model
      .command('distill')
      .description(
        "Makes a small text encoder of some of a large one's layers, trained to give its embeddings of a catalogue.",
      ),
  )
    .requiredOption(
      '--catalogue <catalogue>',
      'items whose texts are learned from: .json, .jsonl or .csv; or a data set, or "synthetic"',
    )
    .option('--layers <number>', 'layers that are kept, at equal steps; left out: half of them', integerValue(1, 1023))
    .option('--epochs <number>', 'passes over the texts', integerValue(1, 1000), 3)
    .option('--learning-rate <number>', 'learning rate of Adam', numberValue({ above: 0, most: 1 }), 1e-4)
    .option('--texts <number>', 'texts taken at most, a fifth of them held out', integerValue(10, 100_000), 2000)
    .option('--seed <number>', 'seed of the order of texts and of which are held out', integerValue(0), 1)
    .option('--backend <name>', 'auto, tensorflow, wasm or cpu', 'auto')
    .option('--json', jsonHelp)
    .action(async (options: ModelDistilOptions) => {
      const { runModelDistil } = await import('../model/encoder/run-distil.ts');
      await runModelDistil(options, context.outputOf(options), context.signal);
    });
  withHelp(distilling, {
    examples: [
      'tributary model distill --model ../shared/models/all-MiniLM-L6-v2 --out models/mini-lm-3 --catalogue synthetic',
    ],
    exits: ['input', 'store', 'interrupted', 'terminated'],
  });

  const pulling = model
    .command('pull')
    .description(
      'Says which files of a text encoder it would fetch, from where and under which licence; fetches them with --yes.',
    )
    .argument('<model>', 'Hugging Face id, or https address of a folder', modelSourceValue)
    .requiredOption('--out <folder>', 'folder to write; it must not exist, or be empty')
    .option('--yes', 'fetch what was shown')
    .option('--from <url>', 'hub that has the id', folderUrlValue, 'https://huggingface.co')
    .option('--revision <name>', 'branch, tag or commit of an id', revisionValue, 'main')
    .option('--sha256 <hash>', 'SHA-256 that model.safetensors must have', hashValue)
    .option('--most-megabytes <number>', 'largest sum of all files, in MB', integerValue(1, 1_000_000), 2000)
    .option('--json', jsonHelp)
    .action(async (name: string, options: ModelPullOptions) => {
      const { runModelPull } = await import('../model/pull/run-pull.ts');
      await runModelPull(name, options, context.outputOf(options), context.signal);
    });
  withHelp(pulling, {
    examples: [
      'tributary model pull sentence-transformers/all-MiniLM-L6-v2 --out models/mini-lm',
      'tributary model pull sentence-transformers/all-MiniLM-L6-v2 --out models/mini-lm --yes',
    ],
    exits: ['input', 'store', 'network', 'interrupted', 'terminated'],
  });
}

function withFolders(command: Command): Command {
  return command
    .requiredOption('--model <folder>', 'Hugging Face folder of an encoder')
    .requiredOption('--out <folder>', 'folder to write; it must not exist, or be empty');
}

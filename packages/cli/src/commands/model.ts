/** `tributary model`: the versions of a task's model in a store, and text encoders. */
import type { Command } from 'commander';
import { hashValue, taskIdValue } from '../options/values.ts';
import { type CommandContext, jsonHelp, withHelp } from './context.ts';
import { addModelEncoderCommands } from './model-encoder.ts';

export interface ModelPlace {
  readonly store: string;
  readonly task: string;
  readonly json?: boolean;
}

export function addModelCommand(program: Command, context: CommandContext): void {
  const model = program
    .command('model')
    .description(
      'Lists, exports, imports and rolls back model versions in a store that no coordinator has open; fetches text encoders and makes them smaller.',
    );
  withHelp(model, {
    examples: ['tributary model list --store .tributary/demo --task demo'],
    exits: ['input', 'store'],
  });

  const list = withStore(
    model.command('list').description('Lists the versions of a task, newest first; the one marked * is served.'),
  ).action(async (options: ModelPlace) => {
    const { runModelList } = await import('../model/run-model.ts');
    await runModelList(options, context.outputOf(options));
  });
  withHelp(list, { examples: ['tributary model list --store .tributary/demo --task demo'], exits: ['input', 'store'] });

  const exporting = withStore(
    model
      .command('export')
      .description('Writes a version as safetensors, its signed description in the metadata.')
      .argument('<file>', 'file to write; it must not exist'),
  )
    .option('--version <hash>', 'version to export; left out: the one that is served', hashValue)
    .action(async (file: string, options: ModelPlace & { readonly version?: string }) => {
      const { runModelExport } = await import('../model/run-model.ts');
      await runModelExport(file, options, context.outputOf(options));
    });
  withHelp(exporting, {
    examples: ['tributary model export model.safetensors --store .tributary/demo --task demo'],
    exits: ['input', 'store'],
  });

  const importing = withStore(
    model
      .command('import')
      .description('Makes a new version out of a safetensors file whose tensors are those of the task.')
      .argument('<file>', 'safetensors file'),
  ).action(async (file: string, options: ModelPlace) => {
    const { runModelImport } = await import('../model/run-model.ts');
    await runModelImport(file, options, context.outputOf(options));
  });
  withHelp(importing, {
    examples: ['tributary model import model.safetensors --store .tributary/demo --task demo'],
    exits: ['input', 'store'],
  });

  const rollback = withStore(
    model
      .command('rollback')
      .description('Serves the parameters of an earlier version again, as a new version; spent budget stays spent.')
      .argument('<version>', 'version to go back to', hashValue),
  ).action(async (version: string, options: ModelPlace) => {
    const { runModelRollback } = await import('../model/run-model.ts');
    await runModelRollback(version, options, context.outputOf(options));
  });
  withHelp(rollback, {
    examples: [`tributary model rollback ${'0123456789abcdef'.repeat(4)} --store .tributary/demo --task demo`],
    exits: ['input', 'store'],
  });
  addModelEncoderCommands(model, context);
}

function withStore(command: Command): Command {
  return command
    .requiredOption('--store <folder>', 'folder of the store')
    .requiredOption('--task <id>', 'task', taskIdValue)
    .option('--json', jsonHelp);
}

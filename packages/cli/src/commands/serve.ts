/** `tributary serve`: the coordinator, until it is asked to end. */
import { type Command, Option } from 'commander';
import { engineOption } from '../options/engine-option.ts';
import { collect, integerValue } from '../options/values.ts';
import type { ServeOptions } from '../serve/run-serve.ts';
import { type CommandContext, withHelp } from './context.ts';

export function addServeCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('serve')
    .summary('run the coordinator')
    .description(
      'Opens a store (made if there is none; one that a demo left will do), serves devices by socket and operators by HTTP, ' +
        'and runs until SIGINT or SIGTERM. Logs are JSON lines on standard error.',
    )
    .requiredOption('--store <folder>', 'folder of the store')
    .option('--host <address>', 'address to listen on; 0.0.0.0 for all', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 for a free one', integerValue(0, 65_535), 7300)
    .option('--task <file>', 'task document to create unless it is there already; may be repeated', collect, [])
    .option(
      '--encoder <folder>',
      'Hugging Face folder, for tasks whose model sees texts; left out: the built-in encoder. Encodings are kept in the store folder',
    )
    .option(
      '--admin-token <token>',
      'secret of admin calls; better by the variable TRIBUTARY_ADMIN_TOKEN; left out: made once and kept in the store folder',
    )
    .addOption(engineOption('auto'))
    .addOption(
      new Option('--log-level <level>', 'how much is logged')
        .choices(['fatal', 'error', 'warn', 'info', 'debug', 'silent'])
        .default('info'),
    )
    .option('--json', 'write {url, port, publicKey} as one JSON line on standard output when ready')
    .action(async (options: ServeOptions) => {
      const { runServe } = await import('../serve/run-serve.ts');
      await runServe(options, context.outputOf(options), context);
    });
  withHelp(command, {
    examples: [
      'tributary serve --store ./store --task task.yaml',
      'tributary serve --store .tributary/demo --port 0 --json',
    ],
    exits: ['input', 'store', 'network'],
  });
}

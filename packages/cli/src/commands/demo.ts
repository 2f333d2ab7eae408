/** `tributary demo`: a real coordinator and real devices on this machine. */
import { type Command, Option } from 'commander';
import type { DemoOptions } from '../demo/run-demo.ts';
import { engineOption } from '../options/engine-option.ts';
import { integerValue } from '../options/values.ts';
import { type CommandContext, jsonHelp, withHelp } from './context.ts';

type Options = DemoOptions & { readonly json?: boolean };

export function addDemoCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('demo')
    .summary('train a recommender with a real coordinator and many devices on this machine')
    .description(
      'Starts a coordinator on a free port and devices in worker processes, which train a recommender together over real ' +
        'sockets; then compares it with random, popularity and its central twin on items that no device was given. ' +
        'The plan is `secure` (SecAgg+): contributions are masked, and the coordinator sees their sum alone. With --privacy ' +
        'sealed they are encrypted to the coordinator, whose process could see single ones: weaker.',
    )
    .option('--data <folder>', 'a data set, e.g. MovieLens; left out: the built-in synthetic catalogue')
    .option('--devices <count>', 'devices, one for each user of the data', integerValue(3, 20_000), 200)
    .option('--rounds <count>', 'rounds of training', integerValue(1, 1000), 20)
    .option(
      '--store <folder>',
      'where the coordinator keeps its store; an earlier demo there is replaced',
      '.tributary/demo',
    )
    .option('--seed <number>', 'seed of data, model and device draws', integerValue(0, 0xffff_ffff), 1)
    .option('--processes <count>', 'worker processes that hold the devices', integerValue(1, 64), 2)
    .addOption(
      new Option(
        '--privacy <plan>',
        'secure: the coordinator sees sums alone; sealed: weaker, it sees each contribution',
      )
        .choices(['secure', 'sealed'])
        .default('secure'),
    )
    .addOption(engineOption('auto'))
    .option(
      '--hybrid',
      'a model that sees texts and attributes: a fifth of the items is withheld from everybody, and ranked as items that nobody has touched',
      false,
    )
    .option('--json', jsonHelp)
    .action(async (options: Options) => {
      const { runDemo } = await import('../demo/run-demo.ts');
      await runDemo(options, context.outputOf(options), context.signal);
    });
  withHelp(command, {
    examples: [
      'tributary demo',
      'tributary demo --devices 50 --rounds 5 --json',
      'tributary demo --privacy sealed',
      'tributary demo --engine webgpu',
      'tributary demo --hybrid',
      'tributary demo --data ../shared/data/movielens-100k',
    ],
    exits: ['input', 'store', 'network', 'unfinished', 'interrupted', 'terminated'],
  });
}

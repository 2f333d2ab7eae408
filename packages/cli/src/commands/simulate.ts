/** `tributary simulate`: a task on a whole data set, in this process, without sockets. */
import { type Command, Option } from 'commander';
import { integerValue, numberValue } from '../options/values.ts';
import type { SimulateCommandOptions } from '../simulate/run-simulate.ts';
import { type CommandContext, jsonHelp, withHelp } from './context.ts';

type Options = SimulateCommandOptions & { readonly json?: boolean };

export function addSimulateCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('simulate')
    .summary('run a plan on a data set in this process, reproducibly')
    .description(
      'The same training code and the same round machine as on devices and coordinator, in process and seeded, on a whole ' +
        'data set; for choosing plans. Quality is measured by leave-last-one-out, sampled and full ranking.',
    )
    .requiredOption('--plan <file>', 'task document, YAML or JSON')
    .requiredOption('--data <folder>', 'data set, or "synthetic" for the built-in catalogue')
    .option('--seed <number>', "seed of the first run; left out: the plan's", integerValue(0, 0xffff_ffff))
    .option('--seeds <count>', 'runs with consecutive seeds', integerValue(1, 100), 1)
    .option('--workers <count>', 'worker threads', integerValue(1, 256), 2)
    .addOption(
      new Option('--evaluate-on <item>', 'held-out item that is ranked; choose plans on validation')
        .choices(['validation', 'test'])
        .default('test'),
    )
    .addOption(
      new Option(
        '--split <kind>',
        'ncf: the split of He et al. (2017) that comes with MovieLens-1M; time: by time',
      ).choices(['ncf', 'time']),
    )
    .option('--rounds <count>', "rounds; left out: the plan's", integerValue(1, 1_000_000))
    .addOption(
      new Option(
        '--privacy <plan>',
        "left out: the plan's; secure: the whole protocol, the coordinator sees sums alone; secure-unmasked: the same integers " +
          'without the cryptography, for speed; sealed: weaker, the coordinator sees each contribution',
      ).choices(['secure', 'secure-unmasked', 'sealed']),
    )
    .option('--output <folder>', 'write the report there: JSON, CSV and a self-contained HTML page')
    .option(
      '--rank-every <rounds>',
      'rounds between rankings of everybody; 0 for the end only',
      integerValue(0, 1_000_000),
      1,
    )
    .option('--encoder <folder>', 'Hugging Face folder, for hybrid plans; left out: the built-in encoder')
    .option('--encodings <folder>', 'keep encodings of texts there, so that none is computed twice')
    .option(
      '--cold-items <share>',
      'take every interaction of this share of the items away, and rank them for everybody: items that nobody has touched yet',
      numberValue({ above: 0, below: 1 }),
    )
    .option('--no-central', 'leave the central twin out')
    .option('--skip-bad-rows', 'leave rows that cannot be read out, and say how many')
    .option('--json', jsonHelp)
    .action(async (options: Options) => {
      const { runSimulate } = await import('../simulate/run-simulate.ts');
      await runSimulate(options, context.outputOf(options), context.signal);
    });
  withHelp(command, {
    examples: [
      'tributary simulate --plan docs/plans/movielens-100k.yaml --data ../shared/data/movielens-100k --json',
      'tributary simulate --plan docs/plans/movielens-1m-cold.yaml --data ../shared/data/movielens-1m --cold-items 0.2 --json',
      'tributary simulate --plan plan.yaml --data synthetic --seeds 3 --evaluate-on validation --output report',
    ],
    exits: ['input', 'store', 'budget', 'unfinished', 'interrupted', 'terminated'],
  });
}

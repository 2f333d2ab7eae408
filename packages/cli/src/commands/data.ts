/** `tributary data`: what is in a data set. */
import type { Command } from 'commander';
import { type CommandContext, jsonHelp, withHelp } from './context.ts';

export interface DataDescribeOptions {
  readonly skipBadRows?: boolean;
  readonly json?: boolean;
}

export function addDataCommand(program: Command, context: CommandContext): void {
  const data = program.command('data').description('Looks into data sets for simulations and the demo.');
  withHelp(data, { examples: ['tributary data describe synthetic'], exits: ['input'] });

  const describing = data
    .command('describe')
    .description('Counts users, items and interactions, and says how they are spread. Shows nobody in particular.')
    .argument('<folder>', 'data set, or "synthetic" for the built-in catalogue')
    .option('--skip-bad-rows', 'leave rows that cannot be read out, and say how many')
    .option('--json', jsonHelp)
    .action(async (folder: string, options: DataDescribeOptions) => {
      const { runDataDescribe } = await import('../data/run-data-describe.ts');
      await runDataDescribe(folder, options, context.outputOf(options));
    });
  withHelp(describing, {
    examples: ['tributary data describe synthetic', 'tributary data describe ../shared/data/movielens-1m --json'],
    exits: ['input'],
  });
}

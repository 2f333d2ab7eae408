/** `tributary recommend`: what a model of a store recommends to a history. */
import type { Command } from 'commander';
import { hashValue, integerValue, listValue, taskIdValue } from '../options/values.ts';
import { type CommandContext, jsonHelp, withHelp } from './context.ts';

export interface RecommendOptions {
  readonly store: string;
  readonly task: string;
  readonly history: readonly string[];
  readonly count: number;
  readonly version?: string;
  readonly encoder?: string | true;
  readonly json?: boolean;
}

export function addRecommendCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('recommend')
    .summary("recommend items to a history with a store's model")
    .description(
      'Fits a user vector to the history given, as a device would, and ranks the items that are not in it. Nothing is kept.',
    )
    .requiredOption('--store <folder>', 'folder of the store')
    .requiredOption('--task <id>', 'task whose model recommends', taskIdValue)
    .requiredOption('--history <ids>', 'item ids, oldest first, separated by commas', listValue)
    .option('--count <number>', 'items to recommend', integerValue(1, 1000), 10)
    .option('--version <hash>', 'model version; left out: the one that is served', hashValue)
    .option('--encoder [folder]', 'text encoder of the task; without a folder the one that comes with the package')
    .option('--json', jsonHelp)
    .action(async (options: RecommendOptions) => {
      const { runRecommend } = await import('../model/run-recommend.ts');
      await runRecommend(options, context.outputOf(options));
    });
  withHelp(command, {
    examples: ['tributary recommend --store .tributary/demo --task demo --history item-0003,item-0014 --count 5'],
    exits: ['input', 'store'],
  });
}

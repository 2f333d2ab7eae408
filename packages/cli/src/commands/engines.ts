/** `tributary engines`: what can add up rounds on this machine. */
import type { Command } from 'commander';
import { type CommandContext, jsonHelp, withHelp } from './context.ts';

export interface EnginesOptions {
  /** False with `--no-benchmark`. */
  readonly benchmark: boolean;
  readonly json?: boolean;
}

export function addEnginesCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('engines')
    .summary('list the engines that can add up rounds here, and how fast they are')
    .description(
      'Lists the aggregation engines: which are there and on what device, why others are not and how to get them, and by a benchmark of about a ' +
        'second how fast each expands mask keystreams and adds packed and float32 vectors, in GB/s.',
    )
    .option('--no-benchmark', 'leave the benchmark out')
    .option('--json', jsonHelp)
    .action(async (options: EnginesOptions) => {
      const { runEngines } = await import('../engines/run-engines.ts');
      await runEngines(options, context.outputOf(options));
    });
  withHelp(command, { examples: ['tributary engines', 'tributary engines --no-benchmark --json'], exits: [] });
}

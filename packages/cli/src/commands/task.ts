/** `tributary task`: check, create and list tasks. */
import type { Command } from 'commander';
import { urlValue } from '../options/values.ts';
import { type CommandContext, jsonHelp, withHelp } from './context.ts';

export interface TaskPlace {
  readonly store?: string;
  readonly url?: string;
  readonly token?: string;
  readonly json?: boolean;
}

export function addTaskCommand(program: Command, context: CommandContext): void {
  const task = program
    .command('task')
    .description('Checks, creates and lists tasks: what a population trains, and how.');
  withHelp(task, { examples: ['tributary task check task.yaml'], exits: ['input', 'store', 'network'] });

  const check = task
    .command('check')
    .description('Validates a task document and its catalogue; prints every problem with its path and line.')
    .argument('<file>', 'task document, YAML or JSON')
    .option('--json', jsonHelp)
    .action(async (file: string, options: { readonly json?: boolean }) => {
      const { runTaskCheck } = await import('../task/run-task-check.ts');
      await runTaskCheck(file, context.outputOf(options));
    });
  withHelp(check, { examples: ['tributary task check task.yaml'], exits: ['input'] });

  const create = withPlace(
    task
      .command('create')
      .description('Creates a task in a store that no coordinator has open, or at a running coordinator.')
      .argument('<file>', 'task document, YAML or JSON'),
  ).action(async (file: string, options: TaskPlace) => {
    const { runTaskCreate } = await import('../task/run-task.ts');
    await runTaskCreate(file, options, context.outputOf(options), context);
  });
  withHelp(create, {
    examples: [
      'tributary task create task.yaml --store ./store',
      'TRIBUTARY_ADMIN_TOKEN=$(cat store/admin-token) tributary task create task.yaml --url http://127.0.0.1:7300',
    ],
    exits: ['input', 'store', 'network'],
  });

  const list = withPlace(task.command('list').description('Lists tasks with their state and rounds.')).action(
    async (options: TaskPlace) => {
      const { runTaskList } = await import('../task/run-task.ts');
      await runTaskList(options, context.outputOf(options), context);
    },
  );
  withHelp(list, {
    examples: ['tributary task list --store ./store', 'tributary task list --url http://127.0.0.1:7300 --json'],
    exits: ['store', 'network'],
  });
}

function withPlace(command: Command): Command {
  return command
    .option('--store <folder>', 'folder of a store')
    .option('--url <address>', 'address of a running coordinator', urlValue)
    .option('--token <token>', 'its admin token; better by the variable TRIBUTARY_ADMIN_TOKEN')
    .option('--json', jsonHelp);
}

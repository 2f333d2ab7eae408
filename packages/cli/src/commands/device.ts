/** `tributary device`: one device that joins a running coordinator. */
import type { Command } from 'commander';
import type { DeviceOptions } from '../device/run-device.ts';
import { integerValue, secondsValue, taskIdValue, urlValue } from '../options/values.ts';
import { type CommandContext, jsonHelp, withHelp } from './context.ts';

type Options = DeviceOptions & { readonly json?: boolean };

export function addDeviceCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('device')
    .summary('join a running coordinator as one device')
    .description(
      'Tracks the events of a CSV file on this device, takes part in rounds until the task ends, and recommends. The events ' +
        'stay in the storage folder; nothing is sent without --consent. SIGINT or SIGTERM ends it in order.',
    )
    .requiredOption('--url <address>', 'address of the coordinator', urlValue)
    .requiredOption('--task <id>', 'task to join', taskIdValue)
    .requiredOption('--storage <folder>', 'folder where this device keeps its identity, events and model')
    .option('--events <file>', 'CSV with the columns itemId and, if known, at (ISO time or milliseconds since 1970)')
    .option('--consent', 'agree to take part in training; without it the command ends here')
    .option(
      '--allow-sealed',
      'also take part in tasks of the plan sealed, whose coordinator sees each contribution: weaker',
    )
    .option('--rounds <count>', 'leave after taking part in so many rounds', integerValue(1))
    .option('--recommend <count>', 'recommend so many items at the end', integerValue(1, 1000))
    .option(
      '--encoder [folder]',
      'text encoder, for tasks whose devices read texts; without a folder the one that comes with the package',
    )
    .option(
      '--own-text <file>',
      "the person's own words, for such a task under secure aggregation with noise of the devices; they are not sent",
    )
    .option('--timeout <seconds>', 'leave after so long', secondsValue(0.1, 86_400 * 365))
    .option('--json', jsonHelp)
    .action(async (options: Options) => {
      const { runDevice } = await import('../device/run-device.ts');
      await runDevice(options, context.outputOf(options), context.signal);
    });
  withHelp(command, {
    examples: [
      'tributary device --url http://127.0.0.1:7300 --task films --events events.csv --storage ./device --consent --recommend 5',
    ],
    exits: ['input', 'store', 'network'],
  });
}

/** The whole command line as one commander program; what a command does is loaded when it runs, so that `--help` is quick. */
import { Command } from 'commander';
import { addAuditCommand } from './commands/audit.ts';
import type { CommandContext } from './commands/context.ts';
import { withHelp } from './commands/context.ts';
import { addDataCommand } from './commands/data.ts';
import { addDemoCommand } from './commands/demo.ts';
import { addDeviceCommand } from './commands/device.ts';
import { addEnginesCommand } from './commands/engines.ts';
import { addModelCommand } from './commands/model.ts';
import { addPrivacyCommand } from './commands/privacy.ts';
import { addRecommendCommand } from './commands/recommend.ts';
import { addServeCommand } from './commands/serve.ts';
import { addSimulateCommand } from './commands/simulate.ts';
import { addTaskCommand } from './commands/task.ts';
import { addTextCommand } from './commands/text.ts';
import { softwareVersion } from './software-version.ts';

/** Builds the program. It throws commander's errors instead of ending the process. */
export function createProgram(context: CommandContext): Command {
  const program = new Command('tributary')
    .description('Federated learning for recommender systems: the training moves, the data stays.')
    .version(softwareVersion, '-V, --version', 'print the version')
    // `model export --version HASH` is that command's option, and not a question for the program's version.
    .enablePositionalOptions()
    .showHelpAfterError('(add --help for help)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.streams.out.write(text),
      writeErr: (text) => context.streams.error.write(text),
    });
  withHelp(program, {
    examples: [
      'tributary demo',
      'tributary serve --store ./store --task task.yaml',
      'tributary task check task.yaml --json',
    ],
    exits: ['input', 'store', 'network', 'budget', 'unfinished', 'interrupted', 'terminated'],
  });
  addDemoCommand(program, context);
  addServeCommand(program, context);
  addDeviceCommand(program, context);
  addSimulateCommand(program, context);
  addAuditCommand(program, context);
  addTaskCommand(program, context);
  addModelCommand(program, context);
  addRecommendCommand(program, context);
  addPrivacyCommand(program, context);
  addDataCommand(program, context);
  addEnginesCommand(program, context);
  addTextCommand(program, context);
  return program;
}

/** `tributary audit`: attacks on a task, and what they prove about its claim. */
import { type Command, InvalidArgumentError } from 'commander';
import { type AttackName, attackNames } from '../audit/attack-names.ts';
import type { AuditCommandOptions } from '../audit/run-audit.ts';
import { integerValue, listValue } from '../options/values.ts';
import { type CommandContext, jsonHelp, withHelp } from './context.ts';

type Options = AuditCommandOptions & { readonly json?: boolean };

export function addAuditCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('audit')
    .summary('attack a plan in simulation, and compare what is found with what it claims')
    .description(
      'Simulates the plan and attacks it: interactions read from updates and sums, membership told from losses and by shadow models, ' +
        'canaries that are in by coins guessed from models and sums. The guesses bound epsilon from below with 95 % confidence: a claim that is less is refuted.',
    )
    .option('--plan <file>', "task document, YAML or JSON; left out: the demo's")
    .option('--data <folder>', 'data set, or "synthetic" for the built-in catalogue', 'synthetic')
    .option('--users <count>', 'people of the built-in catalogue', integerValue(20, 20_000), 200)
    .option('--attacks <names>', `of ${attackNames.join(', ')}; left out: all`, attacksValue)
    .option('--canaries <count>', 'canaries with a coin: with 100 no bound exceeds 3.1', integerValue(1, 10_000), 100)
    .option('--noise <epsilon>', "noise for this epsilon at delta 1e-5, 0 for none; left out: the plan's", noiseValue)
    .option('--rounds <count>', "rounds; left out: the plan's", integerValue(1, 1_000_000))
    .option('--seed <number>', "of coins, models and noise; left out: the plan's", integerValue(0, 0xffff_ffff))
    .option('--workers <count>', 'worker threads', integerValue(1, 256), 2)
    .option('--out <folder>', 'write tables and plots there: JSON, CSV, Markdown, SVG')
    .option('--json', jsonHelp)
    .action(async (options: Options) => {
      const { runAudit } = await import('../audit/run-audit.ts');
      await runAudit(options, context.outputOf(options), context.signal);
    });
  withHelp(command, {
    examples: [
      'tributary audit',
      'tributary audit --noise 8 --attacks audit --canaries 1000 --json',
      'tributary audit --plan docs/plans/movielens-100k.yaml --data ../shared/data/movielens-100k --out audit',
    ],
    exits: ['input', 'store', 'refuted', 'interrupted', 'terminated'],
  });
}

function attacksValue(text: string): AttackName[] {
  return listValue(text).map((name) => {
    const known = attackNames.find((attack) => attack === name);
    if (known) return known;
    throw new InvalidArgumentError(`Expected names of ${attackNames.join(', ')}, separated by commas.`);
  });
}

function noiseValue(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1_000)) {
    throw new InvalidArgumentError('Expected an epsilon from 0 (no noise) to 1000.');
  }
  return value;
}

/** `tributary privacy`: what a budget buys, what it is spent on, and whether the ledger is right. */
import { type Command, Option } from 'commander';
import { integerValue, numberValue, publicKeyValue } from '../options/values.ts';
import type { EpsilonOptions } from '../privacy/run-privacy-epsilon.ts';
import type { PlanOptions } from '../privacy/run-privacy-plan.ts';
import { type CommandContext, jsonHelp, withHelp } from './context.ts';

interface LedgerPlace {
  readonly store?: string;
  readonly file?: string;
  readonly key?: Uint8Array;
  readonly json?: boolean;
}

const positive = numberValue({ above: 0 });
const fraction = numberValue({ above: 0, below: 1 });

export function addPrivacyCommand(program: Command, context: CommandContext): void {
  const privacy = program
    .command('privacy')
    .description('Plans a privacy budget, shows what is spent of it, and verifies the ledger.');
  withHelp(privacy, {
    examples: ['tributary privacy plan --population 100000 --cohort 1000 --rounds 500 --epsilon 4'],
    exits: ['input', 'store'],
  });
  addEpsilon(privacy, context);
  addPlan(privacy, context);
  addLedgerCommands(privacy, context);
}

function accountantOption(): Option {
  return new Option('--accountant <kind>', 'pld: privacy loss distributions, tight; rdp: Renyi curves')
    .choices(['pld', 'rdp'])
    .default('pld');
}

function addEpsilon(privacy: Command, context: CommandContext): void {
  const command = privacy
    .command('epsilon')
    .description('Says which epsilon a number of noisy releases spends, and what it assumes.')
    .requiredOption('--noise-multiplier <z>', 'standard deviation of the noise, in sensitivities', positive)
    .requiredOption('--steps <count>', 'releases', integerValue(1))
    .requiredOption('--delta <delta>', 'above 0, below 1', fraction)
    .option(
      '--sampling-rate <rate>',
      'probability with which each person takes part in a release, by a coin of her own; left out: nothing is assumed',
      numberValue({ above: 0, most: 1 }),
    )
    .option('--cohort <people>', 'drawn uniformly from --population for each release', integerValue(1))
    .option('--population <people>', 'of whom --cohort are drawn; also for the warnings', integerValue(1))
    .option(
      '--tree-leaves <count>',
      'noise of binary trees of so many releases, each person in one of them',
      integerValue(1),
    )
    .addOption(accountantOption())
    .option('--json', jsonHelp)
    .action(async (options: EpsilonOptions & { readonly json?: boolean }) => {
      const { runPrivacyEpsilon } = await import('../privacy/run-privacy-epsilon.ts');
      runPrivacyEpsilon(options, context.outputOf(options));
    });
  withHelp(command, {
    examples: [
      'tributary privacy epsilon --noise-multiplier 1.1 --sampling-rate 0.01 --steps 5000 --delta 1e-6 --accountant pld --json',
      'tributary privacy epsilon --noise-multiplier 2 --cohort 100 --population 6040 --steps 500 --delta 1e-6',
    ],
    exits: [],
  });
}

function addPlan(privacy: Command, context: CommandContext): void {
  const command = privacy
    .command('plan')
    .description(
      'Says how much noise a budget needs under each assumption about who takes part, the error that it brings, and what more ' +
        'people would buy.',
    )
    .requiredOption('--population <people>', 'who may take part', integerValue(1, 1_000_000_000_000))
    .requiredOption('--cohort <people>', 'contributions to a round', integerValue(1))
    .requiredOption('--rounds <count>', 'rounds of the task', integerValue(1, 1_000_000))
    .requiredOption('--epsilon <epsilon>', 'the budget', positive)
    .option('--participations <count>', 'rounds in which one person takes part at most; left out: all', integerValue(1))
    .option('--delta <delta>', 'left out: the largest power of ten up to a tenth of 1 / population', fraction)
    .option('--clip-norm <norm>', 'of a contribution; the error is in its units', positive, 1)
    .option('--parameters <count>', 'of the model: adds the norm of the noise on all of them', integerValue(1))
    .addOption(accountantOption())
    .option('--output <folder>', 'write plan.json, plan.csv and the plot plan.svg there')
    .option('--json', jsonHelp)
    .action(async (options: PlanOptions & { readonly json?: boolean }) => {
      const { runPrivacyPlan } = await import('../privacy/run-privacy-plan.ts');
      await runPrivacyPlan(options, context.outputOf(options));
    });
  withHelp(command, {
    examples: [
      'tributary privacy plan --population 100000 --cohort 1000 --rounds 500 --epsilon 4',
      'tributary privacy plan --population 6040 --cohort 6040 --rounds 5 --epsilon 8 --delta 1e-6 --output plan',
    ],
    exits: ['input'],
  });
}

function addLedgerCommands(privacy: Command, context: CommandContext): void {
  const spend = privacy
    .command('spend')
    .description('Shows what each population has spent of its budget, by task, with what each claim assumes.')
    .requiredOption('--store <folder>', 'folder of a store that no coordinator has open')
    .option('--json', jsonHelp)
    .action(async (options: { readonly store: string; readonly json?: boolean }) => {
      const { runPrivacySpend } = await import('../privacy/run-privacy-spend.ts');
      await runPrivacySpend(options.store, context.outputOf(options));
    });
  withHelp(spend, { examples: ['tributary privacy spend --store ./store'], exits: ['store'] });

  const verify = privacy
    .command('verify')
    .description(
      'Recomputes ledgers from their entries, and says the first that is wrong: of a store, where the published models are held ' +
        'against them, or of an exported file.',
    )
    .option('--store <folder>', 'folder of a store that no coordinator has open')
    .option('--file <file>', 'ledger that `tributary privacy export` wrote')
    .option(
      '--key <hex>',
      "the coordinator's public key, as the devices know it; left out with --store: the key that lies there",
      publicKeyValue,
    )
    .option('--json', jsonHelp)
    .action(async (options: LedgerPlace) => {
      const { runPrivacyVerify } = await import('../privacy/run-privacy-verify.ts');
      await runPrivacyVerify(options, context.outputOf(options));
    });
  withHelp(verify, {
    examples: [
      'tributary privacy verify --store ./store',
      `tributary privacy verify --file ledger.jsonl --key ${'0123456789abcdef'.repeat(4)}`,
    ],
    exits: ['input', 'store'],
  });

  const exporting = privacy
    .command('export')
    .description("Writes a population's ledger for an auditor: one entry a line, as JSON. It names nobody.")
    .argument('<file>', 'file to write; it must not exist')
    .requiredOption('--store <folder>', 'folder of a store that no coordinator has open')
    .requiredOption('--population <name>', 'population, as its tasks name it')
    .option('--json', jsonHelp)
    .action(
      async (
        file: string,
        options: { readonly store: string; readonly population: string; readonly json?: boolean },
      ) => {
        const { runPrivacyExport } = await import('../privacy/run-privacy-export.ts');
        await runPrivacyExport(file, options, context.outputOf(options));
      },
    );
  withHelp(exporting, {
    examples: ['tributary privacy export ledger.jsonl --store ./store --population readers'],
    exits: ['input', 'store'],
  });
}

/** Which epsilon a number of noisy releases spends. */
import {
  type AccountantKind,
  budgetWarnings,
  composeEpsilon,
  type MechanismEvent,
  relationOf,
  treeEvents,
} from '@tributary/privacy';
import { CommandError } from '../exit/command-error.ts';
import type { Output } from '../output/output.ts';
import { assumptionTexts, relationTexts } from './relation-texts.ts';

export interface EpsilonOptions {
  readonly noiseMultiplier: number;
  readonly steps: number;
  readonly delta: number;
  readonly samplingRate?: number;
  readonly cohort?: number;
  readonly population?: number;
  readonly treeLeaves?: number;
  readonly accountant: AccountantKind;
}

/** @throws CommandError `usage` for options that contradict each other */
export function runPrivacyEpsilon(options: EpsilonOptions, output: Output): void {
  const { delta, accountant, population } = options;
  const events = eventsOf(options);
  const epsilon = composeEpsilon(events, delta, accountant);
  const warnings = population === undefined ? [] : budgetWarnings({ epsilon, delta, population });
  for (const warning of warnings) output.note(`warning: ${warning}`);
  const [first] = events;
  const relation = relationOf(first);
  const assumption = assumptionTexts[first.mechanism === 'gaussian' ? first.sampling.claim : 'tree'];
  const shown = Number.isFinite(epsilon) ? epsilon.toFixed(4) : 'not bounded';
  output.result(`epsilon ${shown} at delta ${delta}, by ${accountant}`);
  output.result(`${relationTexts[relation]}; ${assumption}`);
  if (!Number.isFinite(epsilon)) {
    output.note('No epsilon is bounded at this delta with so little noise: raise the noise multiplier.');
  }
  output.data({
    epsilon: Number.isFinite(epsilon) ? epsilon : null,
    delta,
    accountant,
    relation,
    assumption,
    warnings,
  });
}

function eventsOf(options: EpsilonOptions): readonly [MechanismEvent, ...MechanismEvent[]] {
  const { noiseMultiplier, steps, samplingRate, cohort, population, treeLeaves } = options;
  const chosen = [samplingRate, cohort, treeLeaves].filter((value) => value !== undefined);
  if (chosen.length > 1) {
    throw new CommandError('usage', '--sampling-rate, --cohort and --tree-leaves are three assumptions; got several.', {
      advice: 'Give one of them, or none to assume nothing.',
    });
  }
  if (cohort !== undefined) {
    if (population === undefined) {
      throw new CommandError('usage', '--cohort needs the --population that it is drawn from.');
    }
    if (cohort > population) {
      throw new CommandError('usage', `A cohort of ${cohort} cannot be drawn from a population of ${population}.`, {
        advice: 'Expected a cohort of at most the population.',
      });
    }
    return [{ mechanism: 'gaussian', noiseMultiplier, sampling: { claim: 'fixed-size', population, cohort }, steps }];
  }
  if (treeLeaves !== undefined) return treesOf(noiseMultiplier, steps, treeLeaves);
  const sampling =
    samplingRate === undefined ? ({ claim: 'none' } as const) : { claim: 'poisson' as const, rate: samplingRate };
  return [{ mechanism: 'gaussian', noiseMultiplier, sampling, steps }];
}

function treesOf(
  noiseMultiplier: number,
  steps: number,
  leaves: number,
): readonly [MechanismEvent, ...MechanismEvent[]] {
  const count = Math.ceil(steps / leaves);
  if (count > 100_000) {
    throw new CommandError(
      'usage',
      `${steps} steps in trees of ${leaves} are ${count} trees; at most 100000 are added up.`,
    );
  }
  return treeEvents(noiseMultiplier, steps, leaves);
}

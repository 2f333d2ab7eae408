/** The researchers' engine: a whole task in process, with the training code of devices and the rounds of the coordinator. */
import { type SimulateOptions, SimulationError } from './options.ts';
import type { SimulationResult } from './result.ts';

export interface SimulateSeedsOptions extends Omit<SimulateOptions, 'seed'> {
  /** Distinct seeds, at least one. */
  readonly seeds: readonly number[];
}

/** Runs a task on a data set. Reproducible: the same options and seed give the same bits, whatever the number of workers. */
export async function simulate(_options: SimulateOptions): Promise<SimulationResult> {
  throw new SimulationError('being landed');
}

/** One simulation after the other with each seed; `toRunResultJson` makes means and spread of them. */
export async function simulateSeeds({ seeds, ...options }: SimulateSeedsOptions): Promise<SimulationResult[]> {
  const results: SimulationResult[] = [];
  for (const seed of seeds) results.push(await simulate({ ...options, seed }));
  return results;
}

/** The boundary of the simulator: options are checked once, and defaults filled in. */
import { availableParallelism } from 'node:os';
import type { SplitPurpose } from '@tributary/model';
import type { TaskDocument } from '@tributary/protocol';
import { poissonSizes } from './attendance.ts';
import { type SimulateOptions, SimulationError } from './options.ts';
import { binomialOutside } from './truncation.ts';

export interface CheckedOptions {
  readonly seed: number;
  readonly workers: number;
  readonly evaluateOn: SplitPurpose;
  readonly evaluateEvery: number;
  readonly dropoutRate: number;
  /** Under the plan `secure`. */
  readonly cryptography: boolean;
  /** Passes of the central twin; 0 for none. */
  readonly centralPasses: number;
  /** Users with something to train on. */
  readonly available: Uint32Array;
}

const mostWorkers = 256;
const defaultCentralPasses = 15;

/** @throws SimulationError for what makes no sense, saying what was expected. */
export function checkOptions(options: SimulateOptions): CheckedOptions {
  const { task, split, centralTwin = true } = options;
  const checked: CheckedOptions = {
    seed: options.seed ?? task.seed,
    workers: options.workers ?? Math.min(availableParallelism(), 16),
    evaluateOn: options.evaluateOn ?? split.purpose,
    evaluateEvery: options.evaluateEvery ?? 1,
    dropoutRate: options.dropoutRate ?? 0,
    cryptography: options.cryptography ?? true,
    centralPasses: passesOf(hasTwin(task) && centralTwin),
    available: usersWithData(split.train.offsets),
  };
  expectInteger('seed', checked.seed, 0, 0xffff_ffff);
  expectInteger('workers', checked.workers, 1, mostWorkers);
  expectInteger('evaluateEvery', checked.evaluateEvery, 0, Number.MAX_SAFE_INTEGER);
  expectInteger('centralTwin.passes', checked.centralPasses, 0, Number.MAX_SAFE_INTEGER);
  if (!(checked.dropoutRate >= 0 && checked.dropoutRate < 1)) {
    throw new SimulationError(`dropoutRate is ${checked.dropoutRate}; expected a share from 0 to below 1.`);
  }
  if (checked.evaluateOn === 'validation' && split.purpose !== 'validation') {
    throw new SimulationError(
      "The split's training data hold the validation item, so ranking it would tell nothing; make the split with purpose 'validation'.",
    );
  }
  const people = checked.available.length;
  if (people < task.cohort.minimum) {
    throw new SimulationError(
      `${people} users have something to train on, and cohort.minimum is ${task.cohort.minimum}: every round would be abandoned. ` +
        'Load more data, or lower cohort.minimum in the plan.',
    );
  }
  expectSamplingAsClaimed(task, people, checked.dropoutRate);
  return checked;
}

function passesOf(centralTwin: NonNullable<SimulateOptions['centralTwin']>): number {
  if (centralTwin === true) return defaultCentralPasses;
  return centralTwin === false ? 0 : centralTwin.passes;
}

/** What devices fuse is trained on devices alone; its twin by interactions is that of the plain recommender's task. */
function hasTwin({ model }: TaskDocument): boolean {
  return model.kind !== 'hybrid' || model.plan === 'public-items';
}

/** Of delta, that draws of a size that no round takes may have: the claim leaves them out. */
const negligibleShare = 1e-3;

/** What a claim of sampling assumes must be so. */
function expectSamplingAsClaimed(task: TaskDocument, people: number, dropoutRate: number): void {
  const { privacy, cohort, rounds } = task;
  const sampling = privacy.noise?.sampling ?? { claim: 'none' };
  if (sampling.claim === 'none') return;
  if (dropoutRate > 0) {
    throw new SimulationError(
      `The plan claims amplification by sampling (${sampling.claim}), and dropoutRate is ${dropoutRate}: who is lost is not drawn. Simulate without dropouts, or drop the claim.`,
    );
  }
  if (sampling.claim === 'poisson') {
    const [least, most] = poissonSizes(task);
    const { delta = 0, budget = 0 } = privacy.noise ?? {};
    // Of either neighbour: P[M'(D) in S] <= e^epsilon P[M'(D') in S] + delta + (1 + e^epsilon) of it.
    const truncated = Math.max(
      ...[people - 1, people, people + 1].map((count) => rounds * binomialOutside(count, sampling.rate, least, most)),
    );
    const allowed = (negligibleShare * delta) / (1 + Math.exp(budget));
    if (truncated > allowed) {
      throw new SimulationError(
        `The plan claims Poisson sampling at rate ${sampling.rate} of ${people} people, and a round takes ${least} to ${most} of them: draws of another size, which are thrown away, have a probability of ${truncated.toPrecision(2)} over all rounds; expected at most ${allowed.toPrecision(2)}, a thousandth of delta over 1 + e^epsilon. Choose another rate, or cohort.minimum and cohort.target further from its mean.`,
      );
    }
  }
  if (sampling.claim === 'fixed-size' && sampling.population !== people) {
    throw new SimulationError(
      `The plan claims cohorts drawn from ${sampling.population} people; the data have ${people} with something to train on.`,
    );
  }
  if (sampling.claim === 'fixed-size' && cohort.target > people) {
    throw new SimulationError(`A cohort of ${cohort.target} cannot be drawn from ${people} people.`);
  }
}

function expectInteger(name: string, value: number, minimum: number, maximum: number): void {
  if (!Number.isSafeInteger(value) || value < minimum || value > maximum) {
    throw new SimulationError(`${name} is ${value}; expected an integer from ${minimum} to ${maximum}.`);
  }
}

function usersWithData(offsets: Uint32Array): Uint32Array {
  return Uint32Array.from(offsets.subarray(1).keys()).filter((user) => offsets[user + 1] > offsets[user]);
}

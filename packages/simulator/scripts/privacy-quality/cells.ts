/** The cells of the table of privacy and quality, and the task document of each. */
import { checkTaskDocument, type TaskDocument } from '@tributary/protocol';

/** Null: no noise. */
export const epsilons = [1, 2, 4, 8, 16, null] as const;
export const placements = ['central', 'distributed'] as const;
export const clips = ['fixed', 'adaptive'] as const;
export const priors = ['mean', 'attributes'] as const;

export interface Cell {
  readonly epsilon: (typeof epsilons)[number];
  readonly placement: (typeof placements)[number];
  readonly clip: (typeof clips)[number];
  readonly prior: (typeof priors)[number];
}

export const delta = 1e-6;
export const people = 6040;

/** All cells that say something of their own: without noise nothing is placed, and no clip norm is needed. */
export function allCells(): readonly Cell[] {
  return priors.flatMap((prior) =>
    epsilons.flatMap((epsilon): readonly Cell[] =>
      epsilon === null
        ? [{ epsilon, placement: 'central', clip: 'fixed', prior }]
        : placements.flatMap((placement) => clips.map((clip) => ({ epsilon, placement, clip, prior }))),
    ),
  );
}

/**
 * What was chosen on the validation item: one setting for little noise and one for much. Bounds are of a group's norm in its own
 * units, shares of the noise: a scale is share / (bound x length of the shares), so that the clip norm is 1. An adaptive clip norm
 * seeks the share of devices that this one leaves as they are.
 */
const settings = {
  little: {
    model: { dimension: 32, unobservedWeight: 0.13, regularisation: 0.002, initialScale: 0.3, initialCommonScale: 0.4 },
    bounds: { rows: 4.5, counts: 4, outer: 1.4 },
    shares: { rows: 0.9, counts: 0.1, outer: 0.27 },
    learningRate: 0.67,
    quantile: 0.4,
  },
  much: {
    model: {
      dimension: 16,
      unobservedWeight: 0.08,
      regularisation: 0.002,
      initialScale: 0.38,
      initialCommonScale: 0.65,
    },
    bounds: { rows: 2, counts: 7, outer: 2 },
    shares: { rows: 0.9, counts: 0.2, outer: 0.23 },
    learningRate: 0.6,
    quantile: 0.1,
  },
} as const;

const rounds = 3;

/** The clip norm that an adaptive one starts from, over the one that was chosen: as if nobody had looked. */
const adaptiveStart = 2;
/** Rounds are few. */
const adaptiveRate = 1;

function scalesOf({ bounds, shares }: (typeof settings)[keyof typeof settings]) {
  const length = Math.hypot(shares.rows, shares.counts, shares.outer);
  const scale = (group: keyof typeof bounds) => shares[group] / (bounds[group] * length);
  return { rows: scale('rows'), counts: scale('counts'), outer: scale('outer') };
}

/** @throws Error where a cell gives no valid document */
export function taskOf({ epsilon, placement, clip, prior }: Cell): TaskDocument {
  const setting = settings[epsilon !== null && epsilon <= 2 ? 'much' : 'little'];
  const { model, learningRate, quantile } = setting;
  const secure = epsilon !== null && (placement === 'distributed' || clip === 'adaptive');
  const noise = {
    placement,
    ...(secure ? {} : { mechanism: 'gaussian' }),
    budget: epsilon,
    delta,
    ...(clip === 'adaptive' ? { adaptiveClip: { quantile, learningRate: adaptiveRate } } : {}),
  };
  const check = checkTaskDocument({
    version: 1,
    task: 'movielens-1m-private',
    population: 'movielens-1m',
    model: { kind: 'implicit-als', ...model, ...(prior === 'attributes' ? { initialAttributeScale: 0.24 } : {}) },
    training: {
      windowLength: 50,
      recency: { floor: 0.01, timeConstant: 2, exponent: 1.5 },
      groupScales: scalesOf(setting),
      prior,
    },
    rounds,
    cohort: { target: people, minimum: people, overSelection: 1 },
    privacy: {
      plan: secure ? 'secure' : 'sealed',
      clipNorm: clip === 'adaptive' ? adaptiveStart : 1,
      noise: epsilon === null ? null : noise,
      // On the validation item sums, noise and all, were at most .22 of people times clip norm long.
      ...(secure ? { secure: { bits: 20, alignment: 0.4 } } : {}),
    },
    optimizer: { kind: 'fedavg', learningRate },
    evaluation: { federated: false },
  });
  if (check.ok) return check.task;
  throw new Error(check.problems.map(({ path, message }) => `${path}: ${message}`).join('\n'));
}

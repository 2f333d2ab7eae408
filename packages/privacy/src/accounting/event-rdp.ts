/** Renyi differential privacy of every event, one step of it, at an order. */
import type { MechanismEvent } from './event.ts';
import { rdpGaussian, rdpSubsampledGaussian } from './rdp.ts';
import { rdpWithoutReplacement } from './rdp-without-replacement.ts';

/** All steps of an event. Infinite at orders for which no bound is known. */
export function eventRdp(event: MechanismEvent, order: number): number {
  switch (event.mechanism) {
    case 'gaussian': {
      const { sampling, noiseMultiplier, steps } = event;
      if (sampling.claim === 'none') return steps * rdpGaussian(order, noiseMultiplier);
      if (sampling.claim === 'poisson') return steps * rdpSubsampledGaussian(order, sampling.rate, noiseMultiplier);
      return steps * rdpWithoutReplacement(order, sampling.cohort / sampling.population, noiseMultiplier);
    }
    case 'discrete-gaussian':
      // (1 / 2z^2)-zCDP (Canonne, Kamath, Steinke 2020, theorem 4).
      return event.steps * rdpGaussian(order, event.noiseMultiplier);
    case 'distributed-discrete-gaussian':
      return (event.steps * order * distributedEpsilon(event) ** 2) / 2;
    case 'skellam':
      return event.steps * skellamRdp(event, order);
    case 'tree':
      return chargedLeaves(event) * rdpGaussian(order, event.noiseMultiplier);
  }
}

/** Of tau: more noises than anyone opens, in a time that an entry of a ledger may take. */
const mostTerms = 10_000;

type Event<Mechanism> = Extract<MechanismEvent, { readonly mechanism: Mechanism }>;

/**
 * The sum of discrete Gaussians is (epsilon^2 / 2)-zCDP (Kairouz, Liu, Steinke 2021, theorem 1), with
 * tau = 10 sum_(k = 1)^(h - 1) exp(-2 pi^2 sigma^2 k / (k + 1)) for how far it is from a discrete Gaussian itself: below 1e-60 from
 * sigma = 4 on. It is added whatever it is; with a small sigma that makes epsilon as large as the bound is bad.
 */
export function distributedEpsilon(event: Event<'distributed-discrete-gaussian'>): number {
  const { sensitivity, localStandardDeviation: sigma, noises, dimension } = event;
  const term = (k: number) => 10 * Math.exp((-2 * Math.PI ** 2 * sigma ** 2 * k) / (k + 1));
  const summed = Math.min(noises - 1, mostTerms);
  // Terms fall: those that are not summed one by one are no larger than the first of them.
  let tau = noises - 1 > summed ? (noises - 1 - summed) * term(summed + 1) : 0;
  for (let k = 1; k <= summed; k++) tau += term(k);
  const ratio = sensitivity / (Math.sqrt(noises) * sigma);
  return Math.min(Math.sqrt(ratio ** 2 + (tau * dimension) / 2), ratio + tau * Math.sqrt(dimension));
}

/** Agarwal, Kairouz, Liu 2021, theorem 3.5: of integer orders. */
function skellamRdp({ sensitivity, sensitivityL1, variance }: Event<'skellam'>, order: number): number {
  if (!Number.isInteger(order)) return Number.POSITIVE_INFINITY;
  const first = (order * sensitivity ** 2) / (2 * variance);
  const second = ((2 * order - 1) * sensitivity ** 2 + 6 * sensitivityL1) / (4 * variance ** 2);
  return first + Math.min(second, (3 * sensitivityL1) / (2 * variance));
}

/** Powers of two among the leaves: each makes the tree, and what one person touches of it, higher by one node. */
export function chargedLeaves({ firstLeaf, steps }: Event<'tree'>): number {
  let count = 0;
  for (let leaf = 1; leaf < firstLeaf + steps; leaf *= 2) if (leaf >= firstLeaf) count += 1;
  return count;
}

/** Lower bounds on epsilon from right guesses in one run (Steinke, Nasr, Jagielski, "Privacy auditing with one (1) training run", 2023). */
import { AttackError } from './attack-error.ts';

/** Guesses of which canaries were in, each of which was by a fair coin of its own. */
export interface GuessCount {
  /** m, canaries with a coin; >= 1. */
  readonly canaries: number;
  /** r, those guessed about, in [0, canaries]: the attack abstains from the others. How many must not depend on what is seen. */
  readonly guesses: number;
  /** W, right ones, in [0, guesses]. */
  readonly correct: number;
}

/**
 * The chance of so many right guesses or more under (epsilon, delta): corollary 5.4 and appendix D. With q = e^epsilon /
 * (1 + e^epsilon) it is P[Bin(r, q) >= W] + 2 m delta max over i of P[W > Bin(r, q) >= W - i] / i, at most 1.
 */
export function guessesPValue({ canaries, guesses, correct }: GuessCount, epsilon: number, delta: number): number {
  const masses = binomialMasses(guesses, epsilon);
  let tail = 0;
  for (let k = guesses; k >= correct; k--) tail += masses[k];
  let steepest = 0;
  let below = 0;
  for (let i = 1; i <= correct; i++) {
    below += masses[correct - i];
    steepest = Math.max(steepest, below / i);
  }
  return Math.min(1, tail + 2 * canaries * delta * steepest);
}

/**
 * The largest epsilon that is refuted with this confidence: with delta, no mechanism of that epsilon or less makes so many guesses
 * right more often than once in 1 / (1 - confidence). 0 where nothing is refuted. Good to 1e-9, from below.
 *
 * @param level of the claim tested; `confidence` in (0, 1), 0.95 unless given
 * @throws AttackError for counts that cannot be, or a delta or confidence outside its range
 */
export function epsilonLowerBound(
  count: GuessCount,
  { delta, confidence = 0.95 }: { readonly delta: number; readonly confidence?: number },
): number {
  const { canaries, guesses, correct } = count;
  const whole = [canaries, guesses, correct].every((value) => Number.isSafeInteger(value) && value >= 0);
  if (!whole || canaries < 1 || guesses > canaries || correct > guesses) {
    throw new AttackError(
      `${correct} right of ${guesses} guesses on ${canaries} canaries; expected whole numbers, none above the next, of one canary at least.`,
    );
  }
  if (!(delta >= 0 && delta < 1)) throw new AttackError(`delta is ${delta}; expected it from 0 to below 1.`);
  if (!(confidence > 0 && confidence < 1)) {
    throw new AttackError(`confidence is ${confidence}; expected it between 0 and 1.`);
  }
  const refuted = (epsilon: number) => guessesPValue(count, epsilon, delta) < 1 - confidence;
  if (!refuted(0)) return 0;
  let low = 0;
  let high = 1;
  while (refuted(high)) [low, high] = [high, 2 * high];
  while (high - low > 1e-9) {
    const middle = (low + high) / 2;
    if (refuted(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** P[Bin(r, q) = k] for k = 0 .. r, q = e^epsilon / (1 + e^epsilon); by logarithms, so that none is lost to underflow on the way. */
function binomialMasses(trials: number, epsilon: number): Float64Array {
  const logMiss = -epsilon - Math.log1p(Math.exp(-epsilon));
  const masses = new Float64Array(trials + 1);
  // log q - log (1 - q) = epsilon.
  let logMass = trials * logMiss;
  for (let k = 0; k <= trials; k++) {
    masses[k] = Math.exp(logMass);
    logMass += Math.log((trials - k) / (k + 1)) + epsilon;
  }
  return masses;
}

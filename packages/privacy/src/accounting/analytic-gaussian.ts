/** The exact (epsilon, delta) of Gaussian noise (Balle and Wang 2018, theorem 8). mu: sensitivity over standard deviation, 1 / z. */
import { logNormalTail } from './normal-tail.ts';

/** Phi(mu/2 - epsilon/mu) - e^epsilon Phi(-mu/2 - epsilon/mu). @param mu > 0 */
export function gaussianDelta(epsilon: number, mu: number): number {
  const first = logNormalTail(epsilon / mu - mu / 2);
  const second = epsilon + logNormalTail(epsilon / mu + mu / 2);
  // The difference of two logarithms may vanish where both are tiny.
  return second >= first ? 0 : Math.exp(first) * -Math.expm1(second - first);
}

/** The least epsilon >= 0 of a Gaussian mechanism at `delta`. @throws RangeError on a delta outside (0, 1) */
export function gaussianEpsilon(delta: number, mu: number): number {
  if (!(delta > 0 && delta < 1)) throw new RangeError(`delta is ${delta}; expected above 0 and below 1.`);
  if (mu === 0 || gaussianDelta(0, mu) <= delta) return 0;
  let [low, high] = [0, 1];
  while (gaussianDelta(high, mu) > delta) [low, high] = [high, 2 * high];
  return bisect(low, high, (epsilon) => gaussianDelta(epsilon, mu) <= delta);
}

/** The largest mu whose epsilon at `delta` is within `epsilon`; noise has standard deviation sensitivity / mu. @throws RangeError */
export function gaussianMu(epsilon: number, delta: number): number {
  if (!(epsilon > 0 && epsilon < Number.POSITIVE_INFINITY && delta > 0 && delta < 1)) {
    throw new RangeError(
      `No noise is calibrated to epsilon ${epsilon} and delta ${delta}; expected both above 0, delta below 1.`,
    );
  }
  let [low, high] = [1, 1];
  while (gaussianDelta(epsilon, high) <= delta) high *= 2;
  while (gaussianDelta(epsilon, low) > delta) low /= 2;
  return -bisect(-high, -low, (negative) => gaussianDelta(epsilon, -negative) <= delta);
}

/** The least number of [low, high] of which a property holds that holds from some point on, to the last bit. */
function bisect(low: number, high: number, holds: (value: number) => boolean): number {
  let [bad, good] = [low, high];
  for (let middle = (bad + good) / 2; middle > bad && middle < good; middle = (bad + good) / 2) {
    if (holds(middle)) good = middle;
    else bad = middle;
  }
  return good;
}

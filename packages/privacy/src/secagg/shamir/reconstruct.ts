/** Secrets back from shares, by Lagrange's formula at zero. Public to whoever holds the shares, so tables may be used. */
import { invertPublic, multiplyPublic } from './field.ts';

export interface Share {
  /** 1 .. 65,535 */
  readonly x: number;
  /** 32 bytes */
  readonly value: Uint8Array;
}

/** Lagrange's weights at zero for the points, to be computed once per set of them. @throws RangeError unless distinct and not 0 */
export function lagrangeWeights(points: readonly number[]): Uint16Array {
  if (new Set(points).size !== points.length || points.includes(0)) {
    throw new RangeError('Shares must lie at distinct points other than zero.');
  }
  return Uint16Array.from(points, (xi) => {
    let weight = 1;
    for (const xj of points) if (xj !== xi) weight = multiplyPublic(weight, multiplyPublic(xj, invertPublic(xj ^ xi)));
    return weight;
  });
}

/** @param weights of the shares' points, in their order */
export function combineShares(
  shares: readonly Share[],
  weights = lagrangeWeights(shares.map(({ x }) => x)),
): Uint8Array {
  const secret = new Uint8Array(32);
  shares.forEach(({ value }, i) => {
    for (let at = 0; at < 32; at += 2) {
      const term = multiplyPublic(weights[i], value[at] | (value[at + 1] << 8));
      secret[at] ^= term & 0xff;
      secret[at + 1] ^= term >>> 8;
    }
  });
  return secret;
}

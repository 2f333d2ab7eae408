/** Phase 7: secrets are put together from shares, checked against what was committed to, and turned into masks to take off. */
import { equalBytes } from '../../bytes/compare.ts';
import { forgetSecret, secretKey } from '../../identity/index.ts';
import { publicKeyOfSecret } from '../../key-agreement/index.ts';
import { pairwiseMaskSeed, selfMaskCommitment, selfMaskSeed } from '../derivations.ts';
import { SecureAggregationError } from '../error.ts';
import type { MaskSeed } from '../mask-vector.ts';
import { combineShares, lagrangeWeights, type Share, wrongShares } from '../shamir/index.ts';
import type { RosterTable } from './tables.ts';

export interface Opening {
  /** What is to be added to the masked sum so that the sum of the uploads remains. Derived while it is iterated, once. */
  readonly masks: Iterable<MaskSeed>;
  /** How many masks. */
  readonly count: number;
  /** Uploads in the sum. */
  readonly uploaded: number;
}

/** @throws SecureAggregationError 'cannot-reconstruct' when a secret has too few good shares: nothing is opened then */
export function openingOf(table: RosterTable): Opening {
  const weights = weightsByPoints();
  const { roster, uploads, masked, graph } = table;
  const { entries, rosterHash } = roster;
  const selfMasks = new Map<number, Uint8Array>();
  const maskKeys = new Map<number, Uint8Array>();
  for (const index of masked.keys()) {
    const shares = table.revealed.get(index) ?? [];
    const upload = uploads.get(index);
    if (upload) {
      const commitment = upload.statement.commitment;
      const good = (secret: Uint8Array) => equalBytes(selfMaskCommitment(secret, rosterHash), commitment);
      selfMasks.set(index, reconstruct(shares, graph.threshold, good, weights));
    } else {
      const good = (secret: Uint8Array) => equalBytes(publicKeyOfSecret(secret), entries[index].maskKey);
      maskKeys.set(index, reconstruct(shares, graph.threshold, good, weights));
    }
  }
  const pairs = [...maskKeys.keys()].flatMap((dropped) =>
    (masked.get(dropped) ?? []).filter((neighbour) => uploads.has(neighbour)).map((neighbour) => [dropped, neighbour]),
  );

  function* masks(): Generator<MaskSeed> {
    for (const [index, selfMask] of selfMasks) {
      yield { seed: selfMaskSeed(selfMask, rosterHash, entries[index].maskKey), sign: -1 };
      selfMask.fill(0);
    }
    for (const [dropped, bytes] of maskKeys) {
      const secret = secretKey(bytes);
      bytes.fill(0);
      for (const neighbour of masked.get(dropped) ?? []) {
        if (!uploads.has(neighbour)) continue;
        const [own, other] = [entries[dropped].maskKey, entries[neighbour].maskKey];
        const [low, high] = dropped < neighbour ? [own, other] : [other, own];
        // The survivor had added it if it is the lower of the two.
        yield { seed: pairwiseMaskSeed(secret, other, rosterHash, low, high), sign: neighbour < dropped ? -1 : 1 };
      }
      forgetSecret(secret);
    }
  }
  return { masks: masks(), count: selfMasks.size + pairs.length, uploaded: uploads.size };
}

type WeightsOf = (points: readonly number[]) => Uint16Array;

/** Most devices are opened from the same points. */
function weightsByPoints(): WeightsOf {
  const known = new Map<string, Uint16Array>();
  return (points) => {
    const key = points.join();
    let weights = known.get(key);
    if (!weights) {
      weights = lagrangeWeights(points);
      if (known.size < 64) known.set(key, weights);
    }
    return weights;
  };
}

/** From the first shares; where they do not give what was committed to, wrong ones are looked for. */
function reconstruct(
  shares: readonly Share[],
  threshold: number,
  good: (secret: Uint8Array) => boolean,
  weights: WeightsOf,
): Uint8Array {
  if (shares.length < threshold) {
    throw new SecureAggregationError(
      'cannot-reconstruct',
      `${shares.length} shares of a secret were revealed; ${threshold} are needed. Nothing was opened.`,
    );
  }
  const ordered = [...shares].sort((a, b) => a.x - b.x);
  const first = ordered.slice(0, threshold);
  const secret = combineShares(first, weights(first.map(({ x }) => x)));
  if (good(secret)) return secret;
  const wrong = wrongShares(ordered, threshold);
  const rest = wrong && ordered.filter(({ x }) => !wrong.has(x)).slice(0, threshold);
  if (rest && rest.length === threshold) {
    const corrected = combineShares(rest);
    if (good(corrected)) return corrected;
  }
  throw new SecureAggregationError(
    'cannot-reconstruct',
    'The shares revealed of a device do not give the secret that it committed to. Nothing was opened.',
  );
}

/** CPU seconds of one of each operation on this machine, by the functions that a round calls. */
import {
  agree,
  createAgreementKeys,
  createIdentity,
  createIdentityLog,
  createModularAccumulator,
  encodeSection,
  hkdf,
  maskVector,
  scaleFor,
  sha256,
  sign,
  systemRandom,
  verify,
  verifyInclusion,
} from '@tributary/privacy';
import { checkGraph } from '../../packages/privacy/src/secagg/graph.ts';
import { rosterOf } from '../../packages/privacy/src/secagg/roster.ts';
import { combineShares, dealShares } from '../../packages/privacy/src/secagg/shamir/index.ts';
import { openShares, sealShares } from '../../packages/privacy/src/secagg/share-box.ts';
import { rehearse } from '../../packages/privacy/src/secagg/testing/rehearsal.ts';
import { bits, corrupt, type RoundPlan } from './plan.ts';

/** Median of five series, after one run that is not counted. */
function unit(repeats: number, work: () => unknown): number {
  work();
  const series = Array.from({ length: 5 }, () => {
    const before = process.cpuUsage();
    for (let i = 0; i < repeats; i++) work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6 / repeats;
  });
  return series.sort((a, b) => a - b)[2];
}

export interface Units {
  /** What a mask costs before its first coordinate. */
  readonly stream: number;
  /** For each coordinate: a mask expanded and added; a vector encoded, packed and hashed; one hashed and added. */
  readonly mask: number;
  readonly prepare: number;
  readonly add: number;
  /** X25519; HKDF; Ed25519. */
  readonly agree: number;
  readonly derive: number;
  readonly sign: number;
  readonly verify: number;
  /**
   * A box sealed and opened; a proof of inclusion among 1,000 identities verified, and made; one entry of a roster hashed.
   */
  readonly box: number;
  readonly inclusion: number;
  readonly proof: number;
  readonly entry: number;
}

export function measureUnits(): Units {
  const length = 1_000_000;
  const sections = [{ length, bits }];
  const seed = systemRandom.bytes(32);
  const accumulator = createModularAccumulator({ length, bits, section: 0 });
  const packed = accumulator.packed();
  const block = createModularAccumulator({ length: 512, bits, section: 0 });
  const scale = scaleFor({ bits, length, bound: 1, kind: 'rotated', maximumSummed: 1000 });
  const encoding = { section: 0, length, bits, scale, bound: 1, kind: 'rotated' } as const;
  const vector = Float32Array.from({ length }, (_, i) => Math.sin(i) / 1000);
  const keys = createAgreementKeys(systemRandom);
  const identity = createIdentity(systemRandom);
  const signature = sign(seed, identity.secretKey);
  const leaves = Array.from({ length: 1000 }, () => systemRandom.bytes(32));
  const log = createIdentityLog(leaves);
  const inclusion = { index: 500, size: log.size, root: log.root(), proof: log.inclusionProof(500, log.size) };
  const { round } = rehearse({ n: 3, sections, seed: 1 });
  const entries = leaves.map((key) => ({ identity: key, shareKey: key, maskKey: key, signature }));
  return {
    stream: unit(500, () => block.addMask(seed, 1)),
    mask: unit(10, () => accumulator.addMask(seed, 1)) / length,
    prepare:
      unit(3, () => sha256(maskVector([encodeSection(vector.slice(), encoding, seed, systemRandom)], sections, []))) /
      length,
    add:
      unit(5, () => {
        sha256(packed);
        accumulator.addPacked(packed);
      }) / length,
    agree: unit(200, () => agree(keys.secretKey, keys.publicKey)),
    derive: unit(500, () => hkdf(seed, seed, signature)),
    sign: unit(200, () => sign(seed, identity.secretKey)),
    verify: unit(200, () => verify(signature, seed, identity.publicKey)),
    box: unit(200, () =>
      openShares(sealShares(seed, 0, 1, { maskKey: seed, selfMask: seed }, systemRandom), seed, 0, 1),
    ),
    inclusion: unit(200, () => verifyInclusion({ leaf: leaves[500], ...inclusion })),
    proof: unit(200, () => log.inclusionProof(500, log.size)),
    entry: unit(3, () => rosterOf(round, entries)) / entries.length,
  };
}

/** What depends on the graph. */
export interface GraphUnits {
  /** Shares of one secret dealt; a secret put together; the device's check that the graph is safe. */
  readonly deal: number;
  readonly combine: number;
  readonly check: number;
}

export function measureGraphUnits({ n, graph }: RoundPlan): GraphUnits {
  const { degree, threshold } = graph;
  const secret = systemRandom.bytes(32);
  const deal = () => dealShares(secret, threshold, degree, systemRandom);
  const shares = deal()
    .map((value, i) => ({ x: i + 1, value }))
    .slice(0, threshold);
  const policy = { minimumRoster: 3, corrupt, security: 40, openedFraction: 5000, openedMinimum: 2 };
  return {
    deal: unit(3, deal),
    combine: unit(5, () => combineShares(shares)),
    check: unit(3, () => checkGraph(graph, n, policy)),
  };
}

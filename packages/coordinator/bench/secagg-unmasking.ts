/**
 * What the coordinator computes to open a round of 1,000 devices that drew 90 neighbours each, a twentieth of them lost before their
 * upload, against the same counts of Flower's SecAgg+ functions, in CPU seconds. A sample of seeds and of secrets is measured, and
 * scaled by how many there are.
 */
import { agreementKeysOf, createAgreementKeys, type MaskSeed, revealSecret, systemRandom } from '@tributary/privacy';
import type { BenchRow } from '../../../bench/bench-row.ts';
import { medianCpuSeconds, shownSeconds } from '../../../bench/cpu-seconds.ts';
import { type FlowerSeconds, flowerSecagg } from '../../../bench/flower-secagg.ts';
import { pairwiseMaskSeed, selfMaskCommitment, selfMaskSeed } from '../../privacy/src/secagg/derivations.ts';
import { combineShares, dealShares } from '../../privacy/src/secagg/shamir/index.ts';
import { openCpuEngine } from '../src/aggregation/engines/cpu/cpu-engine.ts';
import { unmask } from '../src/aggregation/unmask.ts';

const parameters = 1_000_000;
const bits = 20;
const [devices, degree, threshold] = [1000, 90, 58];
const [uploads, losses] = [950, 50];
/** Mask neighbours of one device: those it drew and those that drew it. */
const neighbours = 2 * degree - degree ** 2 / (devices - 1);
/** Masks to take off: one for each upload, and one for each neighbour of a lost device that uploaded. */
const counted = { self: uploads, pairwise: Math.round((losses * neighbours * uploads) / devices) };
const sampled = { self: 20, pairwise: 180, secrets: 20 };
const least = 10;

const rosterHash = systemRandom.bytes(32);
const lost = createAgreementKeys(systemRandom);
const selfMask = systemRandom.bytes(32);
const others = Array.from({ length: sampled.pairwise }, () => createAgreementKeys(systemRandom).publicKey);

/** Derived while they are taken off, as `opening` does it. */
function* selfMasks(): Generator<MaskSeed> {
  for (let i = 0; i < sampled.self; i++) yield { seed: selfMaskSeed(selfMask, rosterHash, lost.publicKey), sign: -1 };
}
function* pairwiseMasks(): Generator<MaskSeed> {
  for (const other of others) {
    yield { seed: pairwiseMaskSeed(lost.secretKey, other, rosterHash, lost.publicKey, other), sign: 1 };
  }
}

/** Of one mask. */
async function maskSeconds(masks: () => Iterable<MaskSeed>, count: number): Promise<number> {
  const sum = openCpuEngine({ threads: 0 }).createModularSum([{ length: parameters, bits }]);
  const work = async () => {
    sum.reset();
    await unmask(sum, masks());
  };
  return (await medianCpuSeconds(work, 5)) / count;
}

/** Of one secret, put together from shares at points of its own and compared with what it was committed to. */
async function secretSeconds(secret: Uint8Array, check: (secret: Uint8Array) => unknown): Promise<number> {
  const dealt = dealShares(secret, threshold, degree, systemRandom).map((value, i) => ({ x: i + 1, value }));
  const work = () => {
    for (let i = 0; i < sampled.secrets; i++) check(combineShares(dealt.slice(i, i + threshold)));
  };
  return (await medianCpuSeconds(work, 5)) / sampled.secrets;
}

type Seconds = Omit<FlowerSeconds, 'client' | 'version'>;

const masksOf = (of: Seconds) => counted.self * of.selfMask + counted.pairwise * of.pairwiseMask;
const secretsOf = (of: Seconds) => uploads * of.combineSelf + losses * of.combineKey;

function shown(of: Seconds): string {
  const masks = `masks ${shownSeconds(masksOf(of))}: ${shownSeconds(of.pairwiseMask)} for a pairwise one`;
  return `${shownSeconds(masksOf(of) + secretsOf(of))} (${masks}; secrets ${shownSeconds(secretsOf(of))})`;
}

export async function rows(): Promise<BenchRow[]> {
  const own: Seconds = {
    selfMask: await maskSeconds(selfMasks, sampled.self),
    pairwiseMask: await maskSeconds(pairwiseMasks, sampled.pairwise),
    combineSelf: await secretSeconds(selfMask, (secret) => selfMaskCommitment(secret, rosterHash)),
    combineKey: await secretSeconds(revealSecret(lost.secretKey), (secret) => agreementKeysOf(secret).publicKey),
  };
  const counts = `${counted.self + counted.pairwise} masks and ${devices} secrets, counted, at the CPU time of ${sampled.self + sampled.pairwise} and ${2 * sampled.secrets} measured`;
  const flower = await flowerSecagg({ parameters, shares: degree, threshold });
  const name = `server unmasking, 1,000 devices, 1M parameters, b = ${bits}, 5 % dropped, CPU: Flower's SecAgg+ over ours`;
  const target = `>= ${least}x`;
  if (typeof flower === 'string') {
    return [{ name, ratio: null, target, ok: null, detail: `${shown(own)}; ${counts}; ${flower}` }];
  }
  const detail = `flwr ${flower.version} ${shown(flower)} against ${shown(own)}; ${counts}`;
  const ratio = (masksOf(flower) + secretsOf(flower)) / (masksOf(own) + secretsOf(own));
  return [
    { name, ratio, target, ok: ratio >= least, detail },
    {
      name: 'the same without secrets put together: masks and agreements alone',
      ratio: masksOf(flower) / masksOf(own),
      target: 'none',
      ok: null,
      detail: 'as above',
    },
  ];
}

/**
 * What one device of a secure round computes beside signatures, against the same by Flower's SecAgg+ functions (51 shares of each
 * secret: a ring of 50 neighbours and the device itself), in CPU seconds. Run alone, to see what the
 * collector's threads take of it: `node --import tsx --conditions=source --single-threaded-gc packages/privacy/bench/secagg-client.ts`.
 */
import { pathToFileURL } from 'node:url';
import {
  agree,
  createAgreementKeys,
  encodeSection,
  type MaskSeed,
  maskVector,
  revealSecret,
  scaleFor,
  systemRandom,
} from '@tributary/privacy';
import type { BenchRow } from '../../../bench/bench-row.ts';
import { medianCpuSeconds, shownSeconds } from '../../../bench/cpu-seconds.ts';
import { flowerSecagg } from '../../../bench/flower-secagg.ts';
import { agreeOnShares, pairwiseMaskSeed, selfMaskSeed, shareBoxKey } from '../src/secagg/derivations.ts';
import { dealShares } from '../src/secagg/shamir/index.ts';
import { openShares, sealShares } from '../src/secagg/share-box.ts';

const parameters = 1_000_000;
const bits = 20;
const shares = 51;
const neighbours = shares - 1;
const threshold = 26;
const least = 5;

const scale = scaleFor({ bits, length: parameters, bound: 1, kind: 'rotated', maximumSummed: 1000 });
const encoding = { section: 0, length: parameters, bits, scale, bound: 1, kind: 'rotated' } as const;
const rosterHash = systemRandom.bytes(32);
const vector = Float32Array.from({ length: parameters }, (_, i) => Math.sin(i) / 1000);
const scratch = new Float32Array(parameters);

interface Keys {
  readonly share: ReturnType<typeof createAgreementKeys>;
  readonly mask: ReturnType<typeof createAgreementKeys>;
}
const createKeys = (): Keys => ({ share: createAgreementKeys(systemRandom), mask: createAgreementKeys(systemRandom) });
const others = Array.from({ length: neighbours }, createKeys);

/** Boxes as a neighbour would send them, made beforehand. */
const own = createKeys();
const received = others.map(({ share }, place) => {
  const shared = agree(share.secretKey, own.share.publicKey);
  if (!shared) throw new Error('A fresh key is of low order.');
  const key = shareBoxKey(
    agreeOnShares(share.secretKey, own.share.publicKey),
    rosterHash,
    share.publicKey,
    own.share.publicKey,
  );
  return sealShares(key, place + 1, 0, { maskKey: shared, selfMask: shared }, systemRandom);
});

/** Both secrets dealt; for each neighbour an agreement on shares, a box sealed and one opened, an agreement on the mask. */
function seeds(): readonly MaskSeed[] {
  const selfMask = systemRandom.bytes(32);
  const ofKey = dealShares(revealSecret(own.mask.secretKey), threshold, neighbours, systemRandom);
  const ofSelf = dealShares(selfMask, threshold, neighbours, systemRandom);
  const pairwise = others.map(({ share, mask }, place): MaskSeed => {
    const shared = agreeOnShares(own.share.secretKey, share.publicKey);
    const out = shareBoxKey(shared, rosterHash, own.share.publicKey, share.publicKey);
    sealShares(out, 0, place + 1, { maskKey: ofKey[place], selfMask: ofSelf[place] }, systemRandom);
    const back = shareBoxKey(shared, rosterHash, share.publicKey, own.share.publicKey);
    if (!openShares(received[place], back, place + 1, 0)) throw new Error('A box does not open.');
    const low = own.mask.publicKey;
    const seed = pairwiseMaskSeed(own.mask.secretKey, mask.publicKey, rosterHash, low, mask.publicKey);
    return { seed, sign: place % 2 === 0 ? 1 : -1 };
  });
  return [{ seed: selfMaskSeed(selfMask, rosterHash, own.mask.publicKey), sign: 1 }, ...pairwise];
}

function encode(): Uint32Array {
  scratch.set(vector);
  return encodeSection(scratch, encoding, rosterHash, systemRandom);
}

export async function rows(): Promise<BenchRow[]> {
  const masks = seeds();
  const values = encode();
  const mask = (value: Uint32Array, added: readonly MaskSeed[]) =>
    maskVector([value], [{ length: parameters, bits }], added);
  const whole = await medianCpuSeconds(() => mask(encode(), seeds()), 7);
  const parts = {
    'keys, shares and boxes': await medianCpuSeconds(seeds, 7),
    encoding: await medianCpuSeconds(encode, 7),
    'masks and packing': await medianCpuSeconds(() => mask(values, masks), 7),
    'packing alone': await medianCpuSeconds(() => mask(values, []), 7),
  };
  const shown = Object.entries(parts).map(([name, seconds]) => `${name} ${shownSeconds(seconds)}`);
  const ours = `${shownSeconds(whole)} (${shown.join(', ')})`;
  const name = `client, ${neighbours} neighbours, 1M parameters, b = ${bits}, CPU: Flower's SecAgg+ over ours`;
  const target = `>= ${least}x`;
  const flower = await flowerSecagg({ parameters, shares, threshold });
  if (typeof flower === 'string') return [{ name, ratio: null, target, ok: null, detail: `${ours}; ${flower}` }];
  const ratio = flower.client / whole;
  const theirs = `flwr ${flower.version} ${shownSeconds(flower.client)}`;
  return [{ name, ratio, target, ok: ratio >= least, detail: `${theirs} against ${ours}` }];
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) console.log(await rows());

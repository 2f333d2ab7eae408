/**
 * Takes the masks off a sum: every mask is a keystream as long as the vector, so that this is the coordinator's dearest work. Engines
 * add the keystreams where they make them; no more than a few vectors are in memory, whatever the number of masks.
 */
import type { MaskSeed } from '@tributary/privacy';
import type { ModularSum } from './engines/engine.ts';

/** Deriving a seed takes an agreement of keys: after so many, other tasks have their turn. */
const seedsAtOnce = 64;

/**
 * @param sum of the masked vectors; finished when this resolves
 * @param masks what is left of the masks, to be added; each seed is wiped once it is taken
 * @returns for each section the sum without masks [length] in [0, 2^bits)
 * @throws what the engine fails with, or what deriving the masks throws: the sum is of no use then
 */
export async function unmask(sum: ModularSum, masks: Iterable<MaskSeed>): Promise<readonly Uint32Array[]> {
  let taken = 0;
  for (const { seed, sign } of masks) {
    const room = sum.addKeystream(seed, sign);
    seed.fill(0);
    await room;
    taken += 1;
    if (taken % seedsAtOnce === 0) await new Promise(setImmediate);
  }
  return sum.finish();
}

import {
  createIdentity,
  createModularAccumulator,
  encodeSection,
  type MaskSeed,
  SecureAggregationError,
  seededResearchRandom,
  systemRandom,
} from '@tributary/privacy';
import { payloadSections, type RoundDescriptor } from '@tributary/protocol';
import { describe, expect, it } from 'vitest';
import { openCpuEngine } from '../../aggregation/engines/cpu/cpu-engine.ts';
import { encodingsOf, securePlanOf, secureRoundOf } from '../../round/secure-plan.ts';
import { smallDocument } from '../../testing/small-world.ts';
import { inviteTo } from '../invitation.ts';
import { openSum } from './open-sum.ts';

const identity = createIdentity(systemRandom);
const random = seededResearchRandom(4);
const task = smallDocument({
  cohort: { target: 20, minimum: 20 },
  privacy: { plan: 'secure', clipNorm: 2 },
});
const sections = payloadSections(300, true);
const descriptor: RoundDescriptor = inviteTo(
  task,
  {
    round: 1,
    modelVersion: 'ab'.repeat(32),
    layoutHash: 'ab'.repeat(32),
    contributionLayoutHash: 'ab'.repeat(32),
    sections,
    sealingKey: null,
    secure: { ...securePlanOf(task, sections), identityLog: null },
    nonce: random.bytes(32),
  },
  identity,
).descriptor;
const engine = openCpuEngine({ threads: 0 });
const round = secureRoundOf(descriptor, identity.publicKey, 'members');

/** The sum of one vector under three masks, and those masks. */
function masked() {
  if (!descriptor.secure) throw new Error('The round is sealed.');
  const vector = Float32Array.from({ length: 300 }, (_, i) => Math.sin(i) / 10);
  const measured = Float32Array.of(1, 0.5, 0.25, 0, 1, 0.125, 0.75);
  const values = encodingsOf({ ...descriptor, secure: descriptor.secure }).map((encoding, section) =>
    encodeSection((section === 0 ? vector : measured).slice(), encoding, round.roundHash, random),
  );
  const seeds = Array.from({ length: 3 }, () => random.bytes(32));
  const packed = round.sections.map((part, section) => {
    const accumulator = createModularAccumulator({ ...part, section });
    accumulator.addValues(values[section]);
    for (const seed of seeds) accumulator.addMask(seed, 1);
    return accumulator.packed();
  });
  const sum = engine.createModularSum(round.sections);
  sum.addPacked(packed);
  const masks = seeds.map((seed): MaskSeed => ({ seed, sign: -1 }));
  return { vector, measured, masked: sum, masks };
}

describe('the opening of a masked sum', () => {
  it('gives the numbers again, the evaluation in its unit', async () => {
    const { vector, measured, masked: held, masks } = masked();
    const server = { opening: () => ({ masks, count: 3, uploaded: 20 }) };
    const { sum, fill } = await openSum(round, descriptor, { server, sum: held, noise: null, failed: () => {} });
    expect(sum).toHaveLength(307);
    vector.forEach((value, i) => {
      expect(Math.abs(sum[i] - value)).toBeLessThan(0.01);
    });
    const unit = 2 * 0.01;
    measured.forEach((value, i) => {
      expect(sum[300 + i]).toBeCloseTo(i === 6 ? value : unit * value, 6);
    });
    expect(fill).toBeGreaterThan(0);
    expect(fill).toBeLessThan(1);
  });

  it('that is not possible says why, and blames the coordinator alone for what is its own failure', async () => {
    const failures: unknown[] = [];
    const { masked: held, masks } = masked();
    const opening = (open: () => never | { masks: Iterable<MaskSeed>; count: number; uploaded: number }) =>
      openSum(round, descriptor, {
        server: { opening: open },
        sum: held,
        noise: null,
        failed: (error) => failures.push(error),
      });
    const missing = () => {
      throw new SecureAggregationError('cannot-reconstruct', '3 shares of a secret were revealed');
    };
    await expect(opening(missing)).rejects.toMatchObject({
      name: 'OpeningError',
      message: expect.stringMatching(/3 shares of a secret/),
    });
    const few = () => ({ masks, count: 3, uploaded: 19 });
    await expect(opening(few)).rejects.toMatchObject({
      name: 'OpeningError',
      message: expect.stringMatching(/19 .* at least 20/),
    });
    expect(failures).toEqual([]);
    function* broken(): Generator<MaskSeed> {
      yield masks[0];
      throw new TypeError('member-4711');
    }
    const failing = opening(() => ({ masks: broken(), count: 3, uploaded: 20 }));
    await expect(failing).rejects.toMatchObject({ name: 'OpeningError' });
    await expect(failing).rejects.not.toThrow(/4711/);
    expect(failures).toEqual([expect.any(TypeError)]);
  });
});

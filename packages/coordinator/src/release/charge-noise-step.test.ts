import { createIdentity, systemRandom } from '@tributary/privacy';
import { describe, expect, it } from 'vitest';
import { LedgerError, memoryLedgerPort, openLedger } from '../ledger/ledger.ts';
import { createServerOptimizer } from '../optimizer/optimizer.ts';
import { coordinatorRecommender } from '../task/create-task.ts';
import { smallDocument } from '../testing/small-world.ts';
import { type PrivateStepInput, privateStep } from './charge-noise-step.ts';
import { OpeningError } from './opening-error.ts';
import { roundNoiseOf } from './round-noise.ts';

const subject = { task: 'films', round: 1, modelVersion: 'ab'.repeat(32), roundHash: 'cd'.repeat(32) };

/** A step over noise of the given budget; counts the random bytes that are drawn. */
async function noisyStep(budget: number, ledger = true) {
  const noise = { mechanism: 'gaussian', noiseMultiplier: 2, delta: 1e-5, budget };
  const document = smallDocument({ privacy: { plan: 'sealed', clipNorm: 5, noise } });
  const recommender = coordinatorRecommender(document, 10);
  const optimizer = createServerOptimizer(document.optimizer);
  const sections = { contribution: recommender.contributionLayout.size, evaluation: 0, weight: 1 } as const;
  const sum = new Float32Array(sections.contribution + 1).fill(0.25);
  const shared = recommender.initialise(1);
  const port = memoryLedgerPort();
  const drawn = { bytes: 0 };
  const opened = await openLedger({
    port,
    population: 'members',
    budget,
    delta: 1e-5,
    signer: createIdentity(systemRandom),
    now: () => 1,
  });
  const input: PrivateStepInput = {
    document,
    ledger: ledger ? opened : null,
    subject,
    random: {
      bytes(length) {
        drawn.bytes += length;
        return systemRandom.bytes(length);
      },
    },
    recommender,
    optimizer,
    optimizerState: optimizer.initialState,
    shared,
    sections,
    sum,
    contributions: 2,
    noise: roundNoiseOf(document, { sections, clipNorm: 5, evaluationScale: 0.01, secure: null }, null),
    tree: null,
  };
  const kinds = async () => (await port.entries('members')).map(({ body }) => body.kind);
  return { input, sum, shared, drawn, kinds, entries: () => port.entries('members') };
}

/** The same noise for another sensitivity. */
function noiseOf({ noise }: PrivateStepInput, sensitivity: number) {
  if (!noise) throw new Error('The task adds no noise.');
  return { ...noise, sensitivity, standardDeviation: () => 2 * sensitivity };
}

describe('a private step', () => {
  it('with noise and without a ledger fails before anything is drawn, added or moved', async () => {
    const { input, sum, shared, drawn } = await noisyStep(8, false);
    const [sumBefore, sharedBefore] = [sum.slice(), shared.slice()];
    const step = privateStep(input);
    await expect(step).rejects.toThrow(LedgerError);
    await expect(step).rejects.toThrow(/needs a ledger/);
    expect(sum).toEqual(sumBefore);
    expect(shared).toEqual(sharedBefore);
    expect(drawn.bytes).toBe(0);
  });

  it('draws the noise on real numbers for the tally of an adaptive clip norm too', async () => {
    const { input, sum } = await noisyStep(1000);
    const tally = sum.length - 1;
    const drawn: number[] = [];
    for (let round = 1; round <= 400; round++) {
      const values = sum.slice().fill(0);
      const noise = { ...noiseOf(input, 5), indicatorStandardDeviation: 3 };
      await privateStep({
        ...input,
        sum: values,
        noise,
        charge: { kind: 'charged', spend: { epsilon: 1, delta: 1e-5, budget: 9 } },
      });
      drawn.push(values[tally]);
    }
    const variance = drawn.reduce((total, value) => total + value ** 2, 0) / drawn.length;
    // Of 400 draws its standard error is 7 %: six of them are a chance of 1e-9.
    expect(Math.abs(variance / 9 - 1)).toBeLessThan(6 * Math.sqrt(2 / 400));
    const exact = sum.slice().fill(0);
    await privateStep({
      ...input,
      sum: exact,
      charge: { kind: 'charged', spend: { epsilon: 1, delta: 1e-5, budget: 9 } },
    });
    expect(exact[tally]).toBe(0);
  });

  it('opens a masked sum once, and only after the charge is written', async () => {
    const { input, sum, kinds, entries } = await noisyStep(8);
    const seen: string[][] = [];
    const open = async () => {
      seen.push(await kinds());
      return sum;
    };
    const step = await privateStep({ ...input, sum: open, noise: noiseOf(input, 5.25) });
    expect(step).toMatchObject({ kind: 'stepped', sum });
    expect(seen).toEqual([['open', 'charge']]);
    expect((await entries())[1].body).toMatchObject({
      kind: 'charge',
      sensitivity: 5.25,
      event: { noiseMultiplier: 2 },
    });
  });

  it('never opens a masked sum that the budget refuses', async () => {
    const { input, kinds } = await noisyStep(0.001);
    const open = () => Promise.reject(new Error('it was opened'));
    expect(await privateStep({ ...input, sum: open })).toMatchObject({ kind: 'refused' });
    expect(await kinds()).toEqual(['open', 'refused']);
  });

  it('of a sum that cannot be opened fails with the reason, and its charge stays', async () => {
    const { input, kinds, drawn } = await noisyStep(8);
    const open = () => Promise.reject(new OpeningError('a share is missing'));
    expect(await privateStep({ ...input, sum: open })).toEqual({ kind: 'failed', reason: 'a share is missing' });
    expect(await kinds()).toEqual(['open', 'charge', 'abandoned']);
    expect(drawn.bytes).toBe(0);
    const broken = () => Promise.reject(new TypeError('member-4711'));
    const another = { ...input, subject: { ...subject, roundHash: 'ef'.repeat(32) } };
    await expect(privateStep({ ...another, sum: broken })).rejects.toThrow(TypeError);
    expect(await kinds()).toEqual(['open', 'charge', 'abandoned', 'charge', 'abandoned']);
  });

  it('scales its noise by the sensitivity that it charges for', async () => {
    const { input, sum } = await noisyStep(1000);
    const size = 200_000;
    const sections = { contribution: input.sections.contribution, evaluation: size, weight: 1 } as const;
    const large = new Float32Array(sum.length + size);
    await privateStep({ ...input, sections, sum: large, noise: noiseOf(input, 3) });
    const noise = large.subarray(sections.contribution, sections.contribution + size);
    const deviation = Math.sqrt(noise.reduce((squares, value) => squares + value * value, 0) / size);
    // Five standard errors of the estimate.
    expect(Math.abs(deviation - 6)).toBeLessThan((5 * 6) / Math.sqrt(2 * size));
  });
});

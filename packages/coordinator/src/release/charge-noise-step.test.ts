import { systemRandom } from '@tributary/privacy';
import { describe, expect, it } from 'vitest';
import { LedgerError } from '../ledger/ledger.ts';
import { createServerOptimizer } from '../optimizer/optimizer.ts';
import { coordinatorRecommender } from '../task/create-task.ts';
import { smallDocument } from '../testing/small-world.ts';
import { privateStep } from './charge-noise-step.ts';

describe('a private step', () => {
  it('with noise and without a ledger fails before anything is drawn, added or moved', async () => {
    const noise = { mechanism: 'gaussian', noiseMultiplier: 2, delta: 1e-5, budget: 8 };
    const document = smallDocument({ privacy: { plan: 'sealed', clipNorm: 5, noise } });
    const recommender = coordinatorRecommender(document, 10);
    const optimizer = createServerOptimizer(document.optimizer);
    const sections = { contribution: recommender.contributionLayout.size, evaluation: 0, weight: 1 } as const;
    const sum = new Float32Array(sections.contribution + 1).fill(0.25);
    const shared = recommender.initialise(1);
    const [sumBefore, sharedBefore] = [sum.slice(), shared.slice()];
    let drawn = 0;
    const step = privateStep({
      document,
      ledger: null,
      subject: { task: 'films', round: 1, modelVersion: 'ab'.repeat(32), roundHash: 'cd'.repeat(32) },
      random: {
        bytes(length) {
          drawn += length;
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
    });
    await expect(step).rejects.toThrow(LedgerError);
    await expect(step).rejects.toThrow(/needs a ledger/);
    expect(sum).toEqual(sumBefore);
    expect(shared).toEqual(sharedBefore);
    expect(drawn).toBe(0);
  });
});

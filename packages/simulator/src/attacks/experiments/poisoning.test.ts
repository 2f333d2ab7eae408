import { describe, expect, it } from 'vitest';
import { runPoisoning } from './poisoning.ts';
import { smallSetting } from './small-setting.cases.ts';

describe('poisoning', () => {
  it('gets an item that hardly anybody was shown to many, by a twentieth of the devices', async () => {
    const optimizers = [{ kind: 'fedavg', learningRate: 0.5 }] as const;
    const options = { fractions: [0, 0.05], clipFactors: [1], optimizers };
    const { promotion, findings } = await runPoisoning(smallSetting(null), options);
    const [honest, poisoned] = promotion.map(({ targetHitRate }) => targetHitRate);
    expect(honest).toBeLessThan(0.1);
    expect(poisoned).toBeGreaterThan(0.3);
    expect(findings).toHaveLength(1);
    expect(findings[0].figures.map(({ value }) => value)).toEqual([honest, poisoned]);
    expect(promotion[0]).toMatchObject({ optimizer: 'fedavg', clipNorm: 4, fraction: 0 });
  });

  it('is told from no clip norm at all where a plan could do without', async () => {
    const sealed = smallSetting(null, { rounds: 1, privacy: { plan: 'sealed', clipNorm: 4 } });
    const optimizers = [{ kind: 'fedavg', learningRate: 0.5 }] as const;
    const { promotion } = await runPoisoning(sealed, { fractions: [0.05], clipFactors: [0.5], optimizers });
    expect(promotion.map(({ clipNorm }) => clipNorm)).toEqual([2, null]);
    const [clipped, free] = promotion;
    expect(free.targetHitRate).toBeGreaterThan(clipped.targetHitRate);
  });
});

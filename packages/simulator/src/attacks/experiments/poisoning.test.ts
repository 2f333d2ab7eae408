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
});

import { describe, expect, it } from 'vitest';
import { type Finding, verdictOf } from '../finding.ts';
import { runLikelihoodRatio } from './likelihood-ratio.ts';
import { runMembership } from './membership.ts';
import { smallSetting } from './small-setting.cases.ts';

const figure = (finding: Finding, name: string) =>
  finding.figures.find((one) => one.name === name)?.value ?? Number.NaN;
/** Dimensions enough to remember people by. */
const roomy = {
  rounds: 6,
  model: { kind: 'implicit-als', dimension: 16, unobservedWeight: 0.3, regularisation: 0.01 },
  privacy: { plan: 'sealed', clipNorm: 10, noise: null },
};

describe('membership by loss threshold', () => {
  it('tells who was trained on, and on which interactions, from a model without noise', async () => {
    const { findings, curves } = await runMembership(smallSetting(null, roomy));
    expect(findings.map(({ view }) => view)).toEqual(['last model, people', 'last model, interactions']);
    for (const finding of findings) {
      expect(figure(finding, 'candidates')).toBe(60);
      expect(figure(finding, 'AUC')).toBeGreaterThan(0.7);
      expect(verdictOf(finding)).toBe('no-claim');
    }
    expect(curves).toHaveLength(2);
  });

  it('is at chance with noise', async () => {
    const { findings } = await runMembership(smallSetting({ delta: 1e-5, budget: 4 }));
    // Three standard deviations of the area under chance for two times thirty people.
    for (const finding of findings) expect(Math.abs(figure(finding, 'AUC') - 0.5)).toBeLessThan(0.225);
    for (const finding of findings) {
      expect(finding.claim?.epsilon).toBeGreaterThan(3.9);
      expect(verdictOf(finding)).toBe('holds');
    }
  });
});

describe('the likelihood-ratio attack on planted people', () => {
  it('knows them better than one threshold does', async () => {
    const few = { models: 4, targets: 30, itemsEach: 12 };
    const { findings } = await runLikelihoodRatio({ ...smallSetting(null, roomy), seed: 8 }, few);
    const [found] = findings;
    expect(figure(found, 'candidates')).toBe(120);
    expect(figure(found, 'AUC')).toBeGreaterThan(0.85);
    expect(figure(found, 'AUC')).toBeGreaterThan(figure(found, 'AUC of the loss alone'));
    expect(found.audit).toMatchObject({ canaries: 30, delta: 1e-5 });
  });

  it('is refused where nothing can be fitted', async () => {
    await expect(runLikelihoodRatio(smallSetting(null), { models: 2 })).rejects.toThrow(/expected 3 models/);
  });
});

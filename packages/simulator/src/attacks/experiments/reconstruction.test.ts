import { describe, expect, it } from 'vitest';
import type { Finding } from '../finding.ts';
import { runReconstruction } from './reconstruction.ts';
import { smallSetting } from './small-setting.cases.ts';

const local = {
  ...{ epochs: 1, reconstructionEpochs: 1, batchSize: 8, learningRate: 0.1, privateLearningRate: 0.1 },
  ...{ negativesPerPositive: 2, regularisation: 0 },
};
const models = {
  'implicit-als': {},
  'matrix-factorisation': { model: { kind: 'matrix-factorisation', dimension: 4 }, training: { local } },
} as const;
/** Few people, so that many items are one device's alone. */
const few = { cohort: { target: 20, minimum: 20, overSelection: 1 }, rounds: 3 };
const figure = (finding: Finding, name: string) =>
  finding.figures.find((one) => one.name === name)?.value ?? Number.NaN;

describe.each(['implicit-als', 'matrix-factorisation'] as const)('reconstruction from contributions of %s', (kind) => {
  it('has everything from one update in the clear, nothing from a masked one, and nothing from a sum with noise', async () => {
    const noise = { delta: 1e-5, budget: 8 };
    const { findings } = await runReconstruction(smallSetting(noise, { ...few, ...models[kind] }));
    const [clear, masked, , noisy] = findings;
    expect(findings.map(({ view }) => view)).toEqual([
      'one update in the clear',
      'one masked upload',
      'first sum without noise, items of one device',
      'first sum with noise, items of one device',
    ]);
    expect(figure(clear, 'F1')).toBeGreaterThan(0.99);
    expect(figure(clear, 'deviations from chance')).toBeGreaterThan(20);
    for (const hidden of [masked, noisy]) {
      expect(Math.abs(figure(hidden, 'deviations from chance'))).toBeLessThan(4);
    }
    // Of the sum there are but a few items to tell apart, where chance alone may do well.
    expect(figure(masked, 'F1')).toBeLessThan(figure(masked, 'F1 at chance') + 0.15);
    expect(noisy.claim?.epsilon).toBeLessThan(8);
  });
});

describe('reconstruction of rare items', () => {
  it('reads them from an exact sum, whoever added it up', async () => {
    const { findings } = await runReconstruction(smallSetting(null, few));
    const exact = findings[2];
    expect(figure(exact, 'F1')).toBe(1);
    expect(figure(exact, 'AUC')).toBe(1);
    expect(exact.claim).toBeNull();
    expect(findings).toHaveLength(3);
  });

  it('needs rows whose signs tell', async () => {
    const model = { kind: 'neumf', dimension: 2, mlpDimension: 2, hiddenLayers: [2] };
    const setting = smallSetting(null, { ...few, model, training: { local } });
    await expect(runReconstruction(setting)).rejects.toThrow(/neither item biases nor counts/);
  });
});

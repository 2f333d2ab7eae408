import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../random/seeded.ts';
import { shrinkTowardsRegression } from './shrinkage.ts';

/** Made by test/golden/noise_aware_step.py in NumPy. */
const golden = JSON.parse(
  readFileSync(new URL('../../../../../test/golden/noise-aware-step.json', import.meta.url), 'utf8'),
) as {
  readonly columns: number;
  readonly features: number[];
  readonly largest_eigenvalue: {
    readonly observed: number[];
    readonly variances: number[];
    readonly means: number[];
    readonly prior_variance: number;
  };
};

const column = (rows: number) => ({ columns: 1, values: new Float64Array(rows).fill(1) });
const meanSquare = (a: Float64Array, b: Float64Array) => a.reduce((sum, x, i) => sum + (x - b[i]) ** 2, 0) / a.length;

describe('shrinking towards a regression', () => {
  it('gives the posterior means and the prior variance that NumPy gives', () => {
    const { observed, variances, means, prior_variance } = golden.largest_eigenvalue;
    const regressors = { columns: golden.columns, values: Float64Array.from(golden.features) };
    const shrunk = shrinkTowardsRegression(Float64Array.from(observed), Float64Array.from(variances), regressors);
    shrunk.means.forEach((mean, i) => {
      expect(mean).toBeCloseTo(means[i], 9);
    });
    expect(shrunk.priorVariance).toBeCloseTo(prior_variance, 9);
  });

  it('finds the variance about the prediction, and comes nearer the truth than observation and prediction do', () => {
    const rows = 4000;
    const random = seededRandom(7);
    const values = new Float64Array(2 * rows);
    const variances = new Float64Array(rows);
    const truth = new Float64Array(rows);
    const observed = new Float64Array(rows);
    for (let i = 0; i < rows; i++) {
      values.set([1, random.gaussian()], 2 * i);
      variances[i] = Math.exp(2 * random.gaussian());
      truth[i] = 0.5 - 2 * values[2 * i + 1] + 0.7 * random.gaussian();
      observed[i] = truth[i] + Math.sqrt(variances[i]) * random.gaussian();
    }
    const { means, priorVariance } = shrinkTowardsRegression(observed, variances, { columns: 2, values });
    expect(priorVariance / 0.49).toBeGreaterThan(0.85);
    expect(priorVariance / 0.49).toBeLessThan(1.15);
    const predicted = truth.map((_, i) => 0.5 - 2 * values[2 * i + 1]);
    // The mean posterior variance is what a posterior mean loses.
    const least = variances.reduce((sum, v) => sum + (0.49 * v) / (0.49 + v), 0) / rows;
    expect(meanSquare(means, truth) / least).toBeLessThan(1.05);
    expect(meanSquare(means, truth)).toBeLessThan(0.8 * meanSquare(predicted, truth));
    expect(meanSquare(means, truth)).toBeLessThan(0.5 * meanSquare(observed, truth));
  });

  it('leaves what is known well as observed, and gives what is drowned its prediction', () => {
    const observed = Float64Array.of(1, -1, 3, -3, 2, -2, 400);
    const variances = Float64Array.of(1e-9, 1e-9, 1e-9, 1e-9, 1e-9, 1e-9, 1e12);
    const { means } = shrinkTowardsRegression(observed, variances, column(7));
    for (let i = 0; i < 6; i++) expect(means[i]).toBeCloseTo(observed[i], 6);
    expect(means[6]).toBeCloseTo(0, 3);
  });

  it('never leaves the interval between observation and prediction, whatever the numbers', () => {
    const entry = fc.record({
      y: fc.double({ min: -100, max: 100, noNaN: true }),
      v: fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(entry, { minLength: 2, maxLength: 30 }), (entries) => {
        const observed = Float64Array.from(entries, ({ y }) => y);
        const variances = Float64Array.from(entries, ({ v }) => v);
        const { means, priorVariance } = shrinkTowardsRegression(observed, variances, column(entries.length));
        expect(priorVariance).toBeGreaterThanOrEqual(0);
        // With one constant there is one prediction: solve each mean for it where shrinkage is neither none nor all.
        const predictions = means.map((mean, i) => {
          const kept = priorVariance / (priorVariance + variances[i]);
          return (mean - kept * observed[i]) / (1 - kept);
        });
        const known = predictions.filter((_, i) => variances[i] > 1e-2 * priorVariance);
        for (const prediction of known) expect(prediction).toBeCloseTo(known[0], 3);
        for (const prediction of known) expect(Math.abs(prediction)).toBeLessThanOrEqual(100 + 1e-6);
      }),
    );
  });

  it('refuses what is not finite', () => {
    const bad = () =>
      shrinkTowardsRegression(Float64Array.of(1, Number.NaN), Float64Array.of(1, Number.NaN), column(2));
    expect(bad).toThrow(RangeError);
  });
});

import { describe, expect, it, test } from 'vitest';
import { seededRandom } from '../../random/seeded.ts';
import { type AdapterTargets, encodingGradient, fitAdapter, weightedLoss } from './adapter-step.ts';
import { type FusedFeatures, fusedFeatures } from './fused-features.ts';
import { weightedRidge } from './fused-step.ts';
import { linearEncoder } from './on-device/linear-encoder.cases.ts';

const items = 240;
const d = 3;
const width = 12;

/** Vectors follow the last two coordinates of a text's encoding, which are small beside the others. */
function planted() {
  const random = seededRandom(3);
  const table = Float32Array.from(
    { length: items * width },
    (_, at) => (at % width < 10 ? 1 : 0.05) * random.gaussian(),
  );
  const truth = Float64Array.from({ length: 2 * d }, () => random.gaussian());
  const vectors = Float64Array.from({ length: items * d }, (_, at) => {
    const from = Math.floor(at / d) * width + 10;
    const said = table[from] * truth[at % d] + table[from + 1] * truth[d + (at % d)];
    return 20 * said + 0.05 * random.gaussian();
  });
  const counts = Float64Array.from({ length: items }, (_, item) => (item < 40 ? 0 : 1 + (item % 9)));
  for (let at = 0; at < 40 * d; at++) vectors[at] = 0;
  const targets: AdapterTargets = {
    vectors,
    counts,
    curvatures: counts.map((count) => 0.3 + count / 20),
    metric: Float64Array.of(2, 0.3, 0, 0.3, 1, 0.1, 0, 0.1, 0.5),
  };
  return { table, targets };
}

const { table, targets } = planted();
const encoder = linearEncoder(table, width);
const featuresOf = (values: Float32Array, textComponents: number | null = null): FusedFeatures =>
  fusedFeatures({ itemCount: items, features: { text: true, attributes: false }, textComponents }, undefined, {
    width,
    values,
    source: 'planted',
  });
const settings = { steps: 60, learningRate: 0.05, texts: 48 };

test.each([null, 5])(
  'the gradient is that of the weighted loss through features and encoder (components %s)',
  (kept) => {
    const features = featuresOf(table, kept);
    const projection = weightedRidge(targets.vectors, d, targets, features);
    const rows = Uint32Array.from({ length: 30 }, (_, at) => 40 + 5 * at);
    const frozen = encoder.encode(encoder.initialAdapter(0));
    const { scale, directions, columns, offset } = features.text ?? {
      scale: 0,
      directions: null,
      columns: 0,
      offset: 0,
    };
    // The features' affine map, written out here, from encodings under the adapter.
    const lossAt = (adapter: Float32Array) => {
      const moved = encoder.encode(adapter).map((value, at) => value - frozen[at]);
      const values = features.values.slice();
      for (let row = 0; row < items; row++) {
        for (let column = 0; column < columns; column++) {
          let part = 0;
          for (let i = 0; i < width; i++)
            part += moved[row * width + i] * (directions ? directions[column * width + i] : Number(i === column));
          values[row * features.columns + offset + column] += scale * part;
        }
      }
      return weightedLoss(targets, { ...features, values }, projection, rows);
    };
    const adapter = encoder.initialAdapter(0);
    const gradient = encoder.gradient(adapter, encodingGradient(targets, features, projection, rows, width), rows);
    const largest = gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    for (let at = 0; at < adapter.length; at += 7) {
      const [up, down] = [1, -1].map((sign) => adapter.map((value, i) => value + (i === at ? sign * 2 ** -7 : 0)));
      const slope = (lossAt(up) - lossAt(down)) / (up[at] - down[at]);
      expect(Math.abs(gradient[at] - slope)).toBeLessThan(1e-4 * largest);
    }
  },
);

describe('a catalogue whose encodings hide what vectors follow', () => {
  const features = featuresOf(table);

  it('predicts items that were kept from the fit better', () => {
    const { adapter, heldOutLoss } = fitAdapter(targets, features, encoder, settings);
    expect(adapter).not.toBeNull();
    expect(heldOutLoss.adapted).toBeLessThan(0.7 * heldOutLoss.frozen);
  });

  it('has the features of the encodings under the adapter, items that nobody touched included', () => {
    const { adapter, features: adapted } = fitAdapter(targets, features, encoder, settings);
    const { offset = 0, scale = 0 } = features.text ?? {};
    const [before, after] = [encoder.initialAdapter(0), adapter ?? new Float32Array()].map((of) => encoder.encode(of));
    for (let item = 0; item < items; item += 11) {
      for (let i = 0; i < width; i++) {
        const at = item * features.columns + offset + i;
        const move = after[item * width + i] - before[item * width + i];
        expect(adapted.values[at] - features.values[at]).toBeCloseTo(scale * move, 5);
      }
    }
  });

  it('is fitted to the same bits again', () => {
    const fitted = () => fitAdapter(targets, features, encoder, settings);
    expect(fitted()).toEqual(fitted());
  });

  it('takes no target from items that nobody touched', () => {
    const vectors = targets.vectors.map((value, at) => (at < 40 * d ? 99 : value));
    const fitted = (of: AdapterTargets) => fitAdapter(of, features, encoder, settings).adapter;
    expect(fitted({ ...targets, vectors })).toEqual(fitted(targets));
  });

  it('keeps the frozen encoder with no steps, and where held-out items gain nothing', () => {
    expect(fitAdapter(targets, features, encoder, { ...settings, steps: 0 }).features).toBe(features);
    const noise = seededRandom(8);
    const unrelated = { ...targets, vectors: targets.vectors.map(() => noise.gaussian()) };
    const {
      adapter,
      features: kept,
      heldOutLoss,
    } = fitAdapter(unrelated, features, encoder, {
      ...settings,
      learningRate: 1,
    });
    expect(heldOutLoss.adapted).toBeGreaterThanOrEqual(heldOutLoss.frozen);
    expect(adapter).toBeNull();
    expect(kept).toBe(features);
  });

  it('refuses an encoder of other texts', () => {
    const short = linearEncoder(table.slice(width), width);
    expect(() => fitAdapter(targets, features, short, settings)).toThrow('texts of 240 items; got 239');
  });
});

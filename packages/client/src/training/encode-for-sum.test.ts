import type { LocalContribution } from '@tributary/model';
import { decodeSum, EncodingError, systemRandom } from '@tributary/privacy';
import { contributionClipNorm, evaluationUnit, type RoundDescriptor } from '@tributary/protocol';
import { describe, expect, it } from 'vitest';
import { encodeForSum, sectionEncodings } from './encode-for-sum.ts';
import type { LocalUpdate } from './train-for-round.ts';

const roundHash = new Uint8Array(32).fill(5);
const clipNorm = 2;
const evaluationScale = 0.01;
const unit = evaluationUnit(clipNorm, evaluationScale);
const part: NonNullable<RoundDescriptor['secure']> = {
  bits: 24,
  scale: 20_000,
  metricsBits: 32,
  metricsScale: 2 ** 20,
  degree: 0,
  threshold: 0,
  inDegreeCap: 30,
  rosterMaximum: 30,
  corrupt: 500,
  dropout: 1000,
  phaseMilliseconds: 1000,
  tally: 'weight',
  noise: null,
  identityLog: null,
};
const round = {
  sections: { contribution: 50, evaluation: 6, weight: 1 as const },
  clipNorm,
  evaluationScale,
  secure: part,
};

const dense = (values: readonly number[]): LocalContribution => ({
  size: values.length,
  parts: [{ kind: 'dense', offset: 0, values: Float32Array.from(values) }],
});
/** A device's vector, of an L2 norm of about `norm`. */
function updateOf(device: number, norm: number): LocalUpdate {
  const direction = Array.from({ length: 50 }, (_, i) => Math.sin(1 + device * 7 + i * 3));
  const length = Math.hypot(...direction);
  return {
    contribution: dense(direction.map((value) => (value * norm * 2) / length)),
    factor: 0.5,
    evaluation: Float32Array.from([1, 0, 0.5, 0.25, device / 4, 1], (value) => value * unit),
    weight: (device + 1) / 4,
    clipped: false,
    examples: 3,
    loss: 1,
  };
}

describe('encodeForSum', () => {
  it('gives integers whose sum decodes to the sum of contributions times factors, of metrics, and of weights', () => {
    const updates = [0, 1, 2, 3].map((device) => updateOf(device, 0.4));
    const [ofContribution, ofMetrics] = sectionEncodings(round);
    const contribution = new Uint32Array(50);
    const metrics = new Uint32Array(7);
    for (const update of updates) {
      const [first, second] = encodeForSum(update, round, roundHash, systemRandom);
      first.forEach((value, i) => {
        contribution[i] += value;
      });
      second.forEach((value, i) => {
        metrics[i] += value;
      });
    }
    const decoded = decodeSum(contribution, ofContribution, roundHash).values;
    const expected = new Float64Array(50);
    for (const { contribution: own } of updates) {
      for (const one of own.parts)
        if (one.kind === 'dense') one.values.forEach((value, i) => (expected[i] += value / 2));
    }
    // Each device rounds each rotated coordinate by less than a step.
    const error = Math.hypot(...decoded.map((value, i) => value - expected[i]));
    expect(error).toBeLessThan((4 * Math.sqrt(50)) / part.scale);
    expect(Math.hypot(...expected)).toBeGreaterThan(0.3);
    const measured = decodeSum(metrics, ofMetrics, roundHash).values;
    [4, 0, 2, 1, 1.5, 4, 2.5].forEach((value, i) => {
      expect(measured[i]).toBeCloseTo(value, 5);
    });
  });

  it('lets no device past the clip norm, whatever its update', () => {
    const [encoding] = sectionEncodings(round);
    expect(encoding.bound).toBe(contributionClipNorm(clipNorm, evaluationScale, true));
    const [contribution] = encodeForSum(updateOf(1, 1000), round, roundHash, systemRandom);
    const norm = Math.hypot(...decodeSum(contribution, encoding, roundHash).values);
    expect(norm).toBeLessThan(encoding.bound + Math.sqrt(50) / part.scale);
    expect(norm).toBeGreaterThan(encoding.bound * 0.99);
  });

  it('tells of the clip by half a bit, whatever else is sent', () => {
    const counting = { ...round, secure: { ...part, tally: 'within-clip' as const } };
    const [, ofMetrics] = sectionEncodings(counting);
    for (const clipped of [true, false]) {
      const [, metrics] = encodeForSum({ ...updateOf(1, 1), clipped }, counting, roundHash, systemRandom);
      expect(decodeSum(metrics, ofMetrics, roundHash).values[6]).toBeCloseTo(clipped ? -0.5 : 0.5, 6);
    }
  });

  it('has the same length and touches every coordinate, whichever items the device has', () => {
    const narrow = { ...updateOf(0, 1), contribution: dense([1, ...Array(49).fill(0)]) };
    const [contribution] = encodeForSum(narrow, round, roundHash, systemRandom);
    expect(contribution).toHaveLength(50);
    expect(contribution.filter((value) => value !== 0).length).toBeGreaterThan(25);
  });

  it('rounds at random, so that two encodings of one update differ', () => {
    const [first] = encodeForSum(updateOf(0, 1), round, roundHash, systemRandom);
    const [second] = encodeForSum(updateOf(0, 1), round, roundHash, systemRandom);
    expect(Buffer.compare(Buffer.from(first.buffer), Buffer.from(second.buffer))).not.toBe(0);
  });

  it('refuses sections of another size, a round without a secure part, and an update that is not finite', () => {
    const other = { ...round, sections: { ...round.sections, contribution: 49 } };
    expect(() => encodeForSum(updateOf(0, 1), other, roundHash, systemRandom)).toThrow(/49 and 6 elements/);
    expect(() => sectionEncodings({ ...round, secure: null })).toThrow(/no secure part/);
    expect(() => sectionEncodings({ ...round, clipNorm: null })).toThrow();
    const broken = { ...updateOf(0, 1), contribution: dense([Number.NaN, ...Array(49).fill(0)]) };
    expect(() => encodeForSum(broken, round, roundHash, systemRandom)).toThrow(EncodingError);
  });
});

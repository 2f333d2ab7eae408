import { contributionClipNorm, encodePayload, evaluationMetrics, RefusalError } from '@tributary/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkedContribution } from './contribution-check.ts';

const metrics = evaluationMetrics.length;
const sections = { contribution: 6, evaluation: metrics, weight: 1 } as const;
const evaluationScale = 0.01;

/** A payload whose contribution has the given norm, direction by `shape`; metrics and weight as given. */
function payloadOf(
  shape: readonly number[],
  norm: number,
  evaluation: readonly number[],
  weight: number,
): Float32Array {
  const length = Math.hypot(...shape);
  return Float32Array.from([...shape.map((value) => (value / length) * norm), ...evaluation, weight]);
}

const check = (vector: Float32Array, clipNorm: number | null) =>
  checkedContribution(encodePayload(vector, sections), { sections, clipNorm, evaluationScale });

function refusalOf(vector: Float32Array, clipNorm: number | null): string {
  try {
    check(vector, clipNorm);
  } catch (error) {
    if (error instanceof RefusalError) return error.code;
    throw error;
  }
  return 'accepted';
}

const shape = fc
  .array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 })
  .filter((values) => Math.hypot(...values) > 0.1);
const clip = fc.double({ min: 1e-3, max: 1e3, noNaN: true });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const shares = fc.array(share, { minLength: metrics, maxLength: metrics });
const weight = fc.float({ min: 2 ** -20, max: 1, noNaN: true });
const place = fc.nat(5);
const none = Array.from({ length: metrics }, () => 0);

describe('an opened contribution', () => {
  it('is accepted whole within its bounds, and then the whole vector without its weight is within the clip norm', () => {
    fc.assert(
      fc.property(shape, clip, share, shares, weight, (direction, clipNorm, part, measured, given) => {
        const bound = contributionClipNorm(clipNorm, evaluationScale, true);
        const vector = payloadOf(
          direction,
          part * bound,
          measured.map((m) => m * evaluationScale * clipNorm),
          given,
        );
        const payload = check(vector, clipNorm);
        expect(payload.vector).toEqual(vector);
        expect(Math.hypot(...vector.subarray(0, -1))).toBeLessThanOrEqual(clipNorm * (1 + 1e-5));
      }),
    );
  });

  it('is refused past the clip norm, by whatever little more than float32 rounding', () => {
    fc.assert(
      fc.property(shape, clip, fc.constantFrom(1 + 1e-5, 1.5, 1e6), weight, (direction, clipNorm, excess, given) => {
        const bound = contributionClipNorm(clipNorm, evaluationScale, true);
        expect(refusalOf(payloadOf(direction, excess * bound, none, given), clipNorm)).toBe('norm-exceeded');
      }),
    );
  });

  it('is refused without a clip norm too, when it is longer than a million', () => {
    fc.assert(
      fc.property(shape, fc.constantFrom(1.001, 1e3, 1e30), weight, (direction, excess, given) => {
        expect(refusalOf(payloadOf(direction, 1e6 * excess, none, given), null)).toBe('norm-exceeded');
        expect(refusalOf(payloadOf(direction, 0.999e6, none, given), null)).toBe('accepted');
      }),
    );
  });

  it('is refused with a metric outside of its range, with and without a clip norm', () => {
    fc.assert(
      fc.property(
        shape,
        fc.option(clip),
        fc.nat(metrics - 1),
        fc.constantFrom(-1e-3, 1.001, 50),
        (direction, clipNorm, index, factor) => {
          const range = clipNorm === null ? 1 : evaluationScale * clipNorm;
          const vector = payloadOf(direction, 1e-4, none.with(index, factor * range), 1);
          expect(refusalOf(vector, clipNorm)).toBe('norm-exceeded');
        },
      ),
    );
  });

  it('is refused with a value that is not finite anywhere, or a weight outside of (0, 1]', () => {
    fc.assert(
      fc.property(
        shape,
        place,
        fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -1e39),
        (direction, at, value) => {
          const vector = payloadOf(direction, 0.5, none, 1);
          for (const clipNorm of [1, null]) expect(refusalOf(vector.with(at, value), clipNorm)).toBe('not-finite');
        },
      ),
    );
    for (const outside of [0, -0.5, 1.0001, 1e30]) {
      expect(refusalOf(payloadOf([1, 1, 1, 1, 1, 1], 0.5, none, outside), 1)).toBe('weight-out-of-range');
    }
  });

  it('is refused with another length, by one byte or more', () => {
    const bytes = encodePayload(payloadOf([1, 1, 1, 1, 1, 1], 0.5, none, 1), sections);
    for (const wrong of [bytes.subarray(1), new Uint8Array(0), new Uint8Array([...bytes, 0, 0, 0, 0])]) {
      expect(() => checkedContribution(wrong, { sections, clipNorm: 1, evaluationScale })).toThrow(
        expect.objectContaining({ code: 'wrong-length' }),
      );
    }
  });

  it('says nothing of its values in a refusal', () => {
    try {
      check(payloadOf([1, 2, 3, 4, 5, 6], 4242, none, 1), 1);
      expect.unreachable();
    } catch (error) {
      expect((error as Error).message).not.toMatch(/\d/);
    }
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluationMetrics } from '../messages/messages.ts';
import { contributionClipNorm, decodePayload, encodePayload, payloadBytes } from './payload.ts';

const sections = { contribution: 5, evaluation: 6, weight: 1 } as const;
const numbers = fc.float32Array({ noNaN: true, noDefaultInfinity: true, minLength: 11, maxLength: 11 });

describe('the plaintext of an upload', () => {
  it('comes back as it was, from any alignment', () => {
    fc.assert(
      fc.property(numbers, fc.nat(3), (values, shift) => {
        const vector = Float32Array.from([...values, 0.5]);
        const bytes = encodePayload(vector, sections);
        expect(bytes.length).toBe(payloadBytes(sections));
        const moved = new Uint8Array(bytes.length + 4);
        moved.set(bytes, shift);
        const decoded = decodePayload(moved.subarray(shift, shift + bytes.length), sections);
        expect(decoded.vector).toEqual(vector);
        expect(decoded.contribution).toEqual(vector.subarray(0, 5));
        expect(decoded.evaluation).toEqual(vector.subarray(5, 11));
        expect(decoded.weight).toBe(0.5);
      }),
    );
  });

  it('is little-endian float32', () => {
    const bytes = encodePayload(Float32Array.from([1, ...new Array(10).fill(0), 1]), sections);
    expect([...bytes.subarray(0, 4)]).toEqual([0, 0, 0x80, 0x3f]);
  });

  it('is refused with a wrong length, NaN, infinity or a weight outside (0, 1]', () => {
    const good = encodePayload(Float32Array.from([...new Array(11).fill(0.1), 1]), sections);
    const refused = (bytes: Uint8Array, code: string) =>
      expect(() => decodePayload(bytes, sections)).toThrowError(expect.objectContaining({ code }));
    refused(good.subarray(1), 'wrong-length');
    refused(Uint8Array.from([...good, 0]), 'wrong-length');
    const withValue = (at: number, value: number) => {
      const vector = Float32Array.from([...new Array(11).fill(0.1), 1]);
      vector[at] = value;
      return new Uint8Array(vector.buffer);
    };
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      refused(withValue(3, bad), 'not-finite');
    for (const bad of [0, -0.1, 1.5]) refused(withValue(11, bad), 'weight-out-of-range');
  });

  it('stays within the clip norm as a whole, whatever the metrics are', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        fc.double({ min: 1e-6, max: 0.3, noNaN: true }),
        (clipNorm, scale) => {
          const contribution = contributionClipNorm(clipNorm, scale, true);
          const worst = Math.hypot(contribution, Math.sqrt(evaluationMetrics.length) * scale * clipNorm);
          expect(worst).toBeLessThanOrEqual(clipNorm * (1 + 1e-12));
          expect(contributionClipNorm(clipNorm, scale, false)).toBe(clipNorm);
        },
      ),
    );
  });
});

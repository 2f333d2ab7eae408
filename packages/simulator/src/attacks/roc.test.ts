import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areaUnder, rocCurve, type Scored, truePositiveRateAt } from './roc.ts';

/** Few distinct scores, so that many are equal; one of each kind at least. */
const candidates = fc
  .array(fc.record({ score: fc.integer({ min: -4, max: 4 }), member: fc.boolean() }), { minLength: 1, maxLength: 40 })
  .map((drawn): Scored[] => [...drawn, { score: 0, member: true }, { score: 1, member: false }]);

const shareOf = (scored: readonly Scored[], member: boolean, threshold: number) => {
  const kind = scored.filter((candidate) => candidate.member === member);
  return kind.filter(({ score }) => score >= threshold).length / kind.length;
};

describe('the receiver operating characteristic', () => {
  it('has the area that counting pairs gives, ties for a half', () => {
    fc.assert(
      fc.property(candidates, (scored) => {
        const members = scored.filter(({ member }) => member);
        const others = scored.filter(({ member }) => !member);
        const wins = members.flatMap((a) => others.map((b) => (Math.sign(a.score - b.score) + 1) / 2));
        const pairs = wins.reduce((sum, win) => sum + win, 0) / wins.length;
        expect(areaUnder(rocCurve(scored))).toBeCloseTo(pairs, 12);
      }),
    );
  });

  it('gives the true positive rate of the best threshold that keeps to the false alarms', () => {
    fc.assert(
      fc.property(candidates, fc.double({ min: 0, max: 1, noNaN: true }), (scored, rate) => {
        const thresholds = [...scored.map(({ score }) => score), Number.POSITIVE_INFINITY];
        const allowed = thresholds.filter((threshold) => shareOf(scored, false, threshold) <= rate);
        const best = Math.max(...allowed.map((threshold) => shareOf(scored, true, threshold)));
        expect(truePositiveRateAt(rocCurve(scored), rate)).toBeCloseTo(best, 12);
      }),
    );
  });

  it('begins at nothing, ends at everything, and never falls', () => {
    fc.assert(
      fc.property(candidates, (scored) => {
        const curve = rocCurve(scored);
        expect(curve[0]).toEqual({ falsePositiveRate: 0, truePositiveRate: 0 });
        expect(curve.at(-1)).toEqual({ falsePositiveRate: 1, truePositiveRate: 1 });
        for (let i = 1; i < curve.length; i++) {
          expect(curve[i].falsePositiveRate).toBeGreaterThanOrEqual(curve[i - 1].falsePositiveRate);
          expect(curve[i].truePositiveRate).toBeGreaterThanOrEqual(curve[i - 1].truePositiveRate);
        }
      }),
    );
  });

  it('needs both kinds, and scores that can be compared', () => {
    expect(() => rocCurve([{ score: 1, member: true }])).toThrow(/1 members and 0 others/);
    const broken = [
      { score: Number.NaN, member: true },
      { score: 1, member: false },
    ];
    expect(() => rocCurve(broken)).toThrow(/not a number/);
  });
});

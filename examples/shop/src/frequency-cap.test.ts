import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allowed, type FrequencyCap, type Impression, remembered } from './frequency-cap.ts';

const hour = 3_600_000;
const cap: FrequencyCap = { perSession: 4, perItem: 2, windowMilliseconds: 24 * hour };
const shown = (itemId: string, at: number, session = 'today'): Impression => ({ itemId, at, session });

describe('frequency caps', () => {
  it('allow what was never shown, in the order of the candidates', () => {
    expect(allowed(['b', 'a'], [], cap, { now: 0, session: 'today' })).toEqual(['b', 'a']);
  });

  it('leave out an item that was shown often enough, in whichever visit', () => {
    const impressions = [shown('a', 0, 'yesterday'), shown('a', hour, 'yesterday'), shown('b', hour, 'yesterday')];
    expect(allowed(['a', 'b'], impressions, cap, { now: 2 * hour, session: 'today' })).toEqual(['b']);
  });

  it('allow it again when the first of its showings is a window ago, not a millisecond before', () => {
    const impressions = [shown('a', 0, 'yesterday'), shown('a', hour, 'yesterday')];
    const at = (now: number) => allowed(['a'], impressions, cap, { now, session: 'today' });
    expect(at(24 * hour - 1)).toEqual([]);
    expect(at(24 * hour)).toEqual(['a']);
  });

  it('end with the showings of a visit, and begin anew with the next', () => {
    const impressions = ['a', 'b', 'c'].map((id) => shown(id, 0));
    expect(allowed(['d', 'e'], impressions, cap, { now: hour, session: 'today' })).toEqual(['d']);
    expect(allowed(['d', 'e'], [...impressions, shown('d', 1)], cap, { now: hour, session: 'today' })).toEqual([]);
    expect(allowed(['d', 'e'], impressions, cap, { now: hour, session: 'tomorrow' })).toEqual(['d', 'e']);
  });

  it('count a showing of the future: a clock that was set back opens nothing', () => {
    const impressions = [shown('a', 5 * hour, 'yesterday'), shown('a', 5 * hour, 'yesterday')];
    expect(allowed(['a'], impressions, cap, { now: 0, session: 'today' })).toEqual([]);
  });

  it('forget only what changes no answer', () => {
    const impressions = fc.array(
      fc.record({
        itemId: fc.constantFrom('a', 'b', 'c', 'd'),
        at: fc.integer({ min: 0, max: 72 * hour }),
        session: fc.constantFrom('one', 'two'),
      }),
    );
    fc.assert(
      fc.property(impressions, fc.integer({ min: 0, max: 72 * hour }), (all, now) => {
        const moment = { now, session: 'two' };
        const candidates = ['d', 'a', 'c', 'b'];
        expect(allowed(candidates, remembered(all, cap, moment), cap, moment)).toEqual(
          allowed(candidates, all, cap, moment),
        );
      }),
    );
  });

  it('hold over any number of page views', () => {
    const views = fc.array(fc.record({ wait: fc.integer({ min: 0, max: 30 * hour }), newVisit: fc.boolean() }));
    fc.assert(
      fc.property(views, (steps) => {
        const impressions: Impression[] = [];
        let now = 0;
        let visit = 0;
        for (const { wait, newVisit } of steps) {
          now += wait;
          visit += Number(newVisit);
          const session = String(visit);
          for (const id of allowed(['a', 'b', 'c'], impressions, cap, { now, session })) {
            impressions.push(shown(id, now, session));
          }
          const inVisit = impressions.filter((each) => each.session === session);
          expect(inVisit.length).toBeLessThanOrEqual(cap.perSession);
          for (const id of ['a', 'b', 'c']) {
            const inWindow = impressions.filter(({ itemId, at }) => itemId === id && at > now - cap.windowMilliseconds);
            expect(inWindow.length).toBeLessThanOrEqual(cap.perItem);
          }
        }
      }),
    );
  });
});

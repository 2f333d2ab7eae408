/** Whatever devices are lost when, the opened sum is the plain integer sum of those that uploaded, or nothing is opened. */
import { describe, expect, it } from 'vitest';
import { graphForRange } from './parameters/index.ts';
import { plainSum, rehearse, runRehearsal } from './testing/rehearsal.ts';
import { phases, runSchedule, sections } from './testing/schedules.ts';

/** The long run is scripts/dropout-schedules.ts. */
const schedules = Number(process.env['TRIBUTARY_SCHEDULES'] ?? 24);

describe('a secure round', () => {
  it(`opens exactly the sum of those that uploaded: ${schedules} schedules of losses`, { timeout: 1_200_000 }, () => {
    const outcomes = Array.from({ length: schedules }, (_, seed) => runSchedule(seed));
    expect(outcomes.filter(({ exact }) => !exact)).toEqual([]);
    expect(new Set(outcomes.map(({ devices }) => devices)).size).toBeGreaterThan(10);
    expect(outcomes.reduce((sum, { lost }) => sum + lost, 0)).toBeGreaterThan(schedules / 4);
  });

  it('opens nothing when more are lost than its threshold allows', () => {
    for (const phase of ['upload', 'acknowledge', 'reveal'] as const) {
      const n = 24;
      // Full graph: t = (lo + hi + 1) >> 1 shares of each secret are needed; leave fewer.
      const rehearsal = rehearse({ n, sections, seed: 5, dropsBefore: (index) => (index < 12 ? phase : undefined) });
      expect(() => runRehearsal(rehearsal)).toThrowError(
        expect.objectContaining({ name: 'SecureAggregationError', code: 'too-few-survivors' }),
      );
    }
  });

  it('is refused below its minimum, by coordinator and device', () => {
    const rehearsal = rehearse({
      n: 8,
      sections,
      seed: 6,
      minimum: 8,
      dropsBefore: (i) => (i === 0 ? 'keys' : undefined),
    });
    expect(() => runRehearsal(rehearsal)).toThrow(/7 devices sent keys; at least 8/);
    const careful = rehearse({ n: 8, sections, seed: 6, policy: { minimumRoster: 20 } });
    expect(() => runRehearsal(careful)).toThrow(/8 devices; this device asks for at least 20/);
  });

  it('goes by the graph that its plan computes, sparse or full', () => {
    const plan = graphForRange(210, 240, { corrupt: 0.05, dropout: 0.1 });
    if (plan.graph !== 'own-choice') throw new Error(`expected a sparse graph, got ${plan.graph}`);
    const { degree, threshold, inDegreeCap } = plan;
    const rehearsal = rehearse({
      n: 220,
      sections,
      seed: 7,
      degree,
      threshold,
      inDegreeCap,
      minimum: 190,
      policy: { openedFraction: 5000 },
      dropsBefore: (index) => (index % 10 === 3 ? phases[index % phases.length] : undefined),
    });
    const { sums, uploaded, server } = runRehearsal(rehearsal);
    expect(server.graph).toEqual({ full: false, degree, threshold });
    expect(sums).toEqual(plainSum(rehearsal, uploaded));
  });
});

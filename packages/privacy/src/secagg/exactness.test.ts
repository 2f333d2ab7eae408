/** Whatever devices are lost when, the opened sum is the plain integer sum of those that uploaded, or nothing is opened. */
import { describe, expect, it } from 'vitest';
import { seededResearchRandom } from '../random/index.ts';
import { graphForRange } from './parameters/index.ts';
import { type DropPhase, plainSum, type Rehearsal, rehearse, runRehearsal } from './testing/rehearsal.ts';

/** `TRIBUTARY_SCHEDULES=1000` for the long run. */
const schedules = Number(process.env['TRIBUTARY_SCHEDULES'] ?? 40);
const phases: readonly DropPhase[] = ['keys', 'neighbours', 'shares', 'upload', 'acknowledge', 'reveal'];
const sections = [
  { length: 37, bits: 20 },
  { length: 7, bits: 32 },
];

/** A round of 3 to 200 devices, sparse or full, in which up to `fraction` of them are lost, anywhere. */
function schedule(seed: number, fraction: number): Rehearsal {
  const bytes = seededResearchRandom(seed, 9).bytes(4096);
  let at = 0;
  const below = (bound: number) => (bytes[at++ % bytes.length] * 256 + bytes[at++ % bytes.length]) % bound;
  // Small rounds are quick: most schedules are of few devices.
  const n = below(10) === 0 ? 3 + below(198) : 3 + below(40);
  const losses = Math.floor(fraction * n);
  const lost = new Map<number, DropPhase>();
  while (lost.size < losses) lost.set(below(n), phases[below(phases.length)]);
  const dropsBefore = (index: number) => lost.get(index);
  const dropout = fraction <= 0.1 ? 1000 : 2000;
  const sparse = n >= 60 && below(2) === 0 ? sparseGraph(n) : {};
  return rehearse({ n, sections, seed, dropsBefore, dropout, corrupt: n < 10 ? 0 : 500, ...sparse });
}

/** As the plan of a round computes it for these n, by the sparse rule that larger cohorts go by. */
function sparseGraph(n: number) {
  // Enough for C to hold at small n: exactness needs no security margin, only that shares suffice.
  const degree = Math.min(n - 2, Math.ceil(n / 2));
  return { degree, threshold: Math.ceil(degree / 3), inDegreeCap: n, policy: { security: -1000, corrupt: 0 } };
}

describe('a secure round', () => {
  it(`opens exactly the sum of those that uploaded: ${schedules} schedules of losses`, { timeout: 1_200_000 }, () => {
    const sizes = new Set<number>();
    let losses = 0;
    for (let seed = 0; seed < schedules; seed++) {
      const rehearsal = schedule(seed, 0.1);
      const { sums, uploaded } = runRehearsal(rehearsal);
      expect(sums).toEqual(plainSum(rehearsal, uploaded));
      sizes.add(rehearsal.devices.length);
      losses += rehearsal.devices.length - uploaded.length;
    }
    expect(sizes.size).toBeGreaterThan(10);
    expect(losses).toBeGreaterThan(schedules / 4);
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

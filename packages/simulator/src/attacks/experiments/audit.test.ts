import { describe, expect, it } from 'vitest';
import { withMembers } from '../canaries.ts';
import { verdictOf } from '../finding.ts';
import { runAudit } from './audit.ts';
import { smallSetting } from './small-setting.cases.ts';

describe('the one-run audit', () => {
  it('has teeth: without noise it tells nearly every canary, from the sums and from the models alone', async () => {
    const { findings, curves } = await runAudit(smallSetting(null));
    expect(findings.map(({ view }) => view)).toEqual(['released models', 'opened sums']);
    for (const finding of findings) {
      expect(finding.claim).toBeNull();
      expect(finding.audit?.lowerBound).toBeGreaterThan(2);
      expect(verdictOf(finding)).toBe('no-claim');
      // Whoever claimed epsilon 2 for this run would stand refuted.
      expect(verdictOf({ ...finding, claim: { epsilon: 2, delta: 1e-5 } })).toBe('refuted');
    }
    expect(curves.map(({ points }) => points.length > 2)).toEqual([true, true]);
  });

  it.each(['distributed', 'central'])('stays below the claim under %s noise, and above nothing', async (placement) => {
    const noise = { delta: 1e-5, budget: 8, placement };
    const { findings } = await runAudit(smallSetting(noise), { canaries: 300 });
    for (const finding of findings) {
      expect(finding.claim?.epsilon).toBeGreaterThan(7.9);
      expect(finding.audit?.lowerBound).toBeLessThan(finding.claim?.epsilon ?? 0);
      expect(verdictOf(finding)).toBe('holds');
    }
    // Not for want of an attack: half of the bits or so are told.
    expect(findings[1].audit?.lowerBound).toBeGreaterThan(0.5);
  });

  it('finds out noise that is less than claimed', async () => {
    // As much as epsilon 50 needs, where epsilon 2 is claimed.
    const { findings } = await runAudit(smallSetting({ delta: 1e-5, budget: 50, placement: 'central' }));
    for (const finding of findings) {
      expect(verdictOf(finding)).toBe('holds');
      expect(verdictOf({ ...finding, claim: { epsilon: 2, delta: 1e-5 } })).toBe('refuted');
    }
  });

  it('counts on nobody who has nothing to train on', async () => {
    const setting = smallSetting({ delta: 1e-5, budget: 50 });
    const { userCount } = setting.split.train;
    const users = Array.from({ length: userCount }, (_, user) => user);
    const split = withMembers(
      setting.split,
      users,
      users.map((user) => user % 3 > 0),
    );
    const { findings } = await runAudit({ ...setting, split }, { canaries: 40 });
    expect(findings[1].audit?.lowerBound).toBeGreaterThan(1);
  });

  it.each([
    ['a draw by coins', { sampling: { claim: 'poisson', rate: 0.5 } }, 'poisson'],
    ['a draw of a fixed number', { sampling: { claim: 'fixed-size', population: 60 } }, 'fixed-size'],
    ['trees', { mechanism: 'tree', leaves: 3 }, 'none'],
  ] as const)('keeps to what a plan says of who takes part: %s', async (_, how, claim) => {
    const noise = { delta: 1e-5, budget: 8, ...how };
    const privacy = { plan: 'sealed', clipNorm: 4, noise };
    const cohort = { target: 20, minimum: 1, overSelection: 1 };
    const setting = smallSetting(null, { privacy, cohort });
    expect(setting.task.privacy.noise?.sampling.claim).toBe(claim);
    const { findings } = await runAudit(setting, { canaries: 20 });
    for (const finding of findings) {
      expect(finding.claim?.epsilon).toBeGreaterThan(7);
      expect(verdictOf(finding)).toBe('holds');
    }
  });
});

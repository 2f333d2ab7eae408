import { checkTaskDocument } from '@tributary/protocol';
import { describe, expect, it } from 'vitest';
import { claimOf, withEverybody } from './setting.ts';
import { smallSetting } from './small-setting.cases.ts';

const sealed = (noise: object) => smallSetting(null, { privacy: { plan: 'sealed', clipNorm: 1, noise } }).task;
const spend = { delta: 1e-5, budget: 4 };

describe('a task with everybody in every round', () => {
  it('takes whoever comes, in as narrow a range as is known, and stays a task', () => {
    const { task } = smallSetting(spend);
    const everybody = withEverybody(task, 70, 90);
    expect(everybody.cohort).toMatchObject({ target: 90, minimum: 70, overSelection: 1 });
    expect(checkTaskDocument(everybody)).toEqual({ ok: true, task: everybody });
    expect(withEverybody(task, 3, 5).cohort).toMatchObject({ target: 20, minimum: 20 });
  });

  it('leaves the draws that a plan claims, from the people who are there', () => {
    const coins = sealed({ ...spend, sampling: { claim: 'poisson', rate: 0.2 } });
    expect(withEverybody(coins, 70, 90).cohort).toMatchObject({ target: 60, minimum: 1 });
    const fixed = sealed({ ...spend, sampling: { claim: 'fixed-size', population: 60 } });
    const drawn = withEverybody(fixed, 70, 90, 95);
    expect(drawn.privacy.noise?.sampling).toEqual({ claim: 'fixed-size', population: 95 });
    expect(drawn.cohort.target).toBe(60);
    const tree = sealed({ ...spend, mechanism: 'tree', leaves: 3 });
    expect(withEverybody(tree, 70, 90).cohort.target).toBe(60);
  });
});

describe('a claim', () => {
  it('is that against the view, or none', () => {
    const readers = { against: 'readers', epsilon: 4, delta: 1e-5, assumption: '' } as const;
    const coordinator = { against: 'coordinator', epsilon: null, delta: null, assumption: '' } as const;
    expect(claimOf([readers, coordinator], 'readers')).toEqual({ epsilon: 4, delta: 1e-5 });
    expect(claimOf([readers, coordinator], 'coordinator')).toBeNull();
  });
});

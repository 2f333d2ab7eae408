/** Simulated rounds of the plan `secure`. */
import { splitLeaveLastOneOut, syntheticCatalogue } from '@tributary/model/data';
import { describe, expect, it } from 'vitest';
import { simulate } from './simulate.ts';
import { smallTask } from './small-task.cases.ts';

const dataset = syntheticCatalogue({ users: 40, items: 50, interactionsPerUser: 12, seed: 3 });
const split = splitLeaveLastOneOut(dataset, { negatives: 20, seed: 3 });
const quick = { dataset, split, workers: 2, centralTwin: false, evaluateEvery: 0 } as const;

const plan = (privacy: object = { plan: 'secure', clipNorm: 5 }, change: object = {}) =>
  smallTask({ rounds: 2, cohort: { target: 30, minimum: 22, overSelection: 1.2 }, privacy, ...change });

describe('a simulation under secure aggregation', () => {
  it('gives the same bits with all its cryptography and with its integers alone, on any number of threads', async () => {
    const runWith = (cryptography: boolean, workers: number) =>
      simulate({ ...quick, task: plan(), dropoutRate: 0.08, cryptography, workers });
    const masked = await runWith(true, 3);
    for (const other of [await runWith(true, 1), await runWith(false, 1), await runWith(false, 2)]) {
      expect(other.parameters).toEqual(masked.parameters);
      const untimed = ({ rounds }: typeof other) => rounds.map((round) => ({ ...round, seconds: null }));
      expect(untimed(other)).toEqual(untimed(masked));
      expect(other.privacy).toEqual({ ...masked.privacy, cryptography: other.privacy.cryptography });
    }
    expect(masked.rounds.some(({ dropped }) => dropped > 0)).toBe(true);
    // 36 invited: the full graph, c = 1, dd = 3.
    expect(masked.privacy).toMatchObject({
      plan: 'secure',
      cryptography: true,
      neighbours: 35,
      threshold: 26,
      bits: 20,
    });
    expect(masked.privacy.assumption).toContain('sums of at least 22 contributions');
    expect(masked.privacy.fill).toBeGreaterThan(0);
    expect(masked.privacy.fill).toBeLessThan(0.5);
    // A sum of so many vectors, none longer than the clip norm.
    expect(masked.privacy.alignment).toBeGreaterThan(0);
    expect(masked.privacy.alignment).toBeLessThanOrEqual(1.001);
    expect(masked.privacy.scale).toBeGreaterThan(1);
  });

  it('comes to the model that float32 sums give, up to the rounding of its integers', async () => {
    const everybody = { cohort: { target: 40, minimum: 40, overSelection: 1 } };
    const secure = await simulate({
      ...quick,
      task: plan({ plan: 'secure', clipNorm: 5, secure: { bits: 32 } }, everybody),
      cryptography: false,
    });
    const sealed = await simulate({ ...quick, task: plan({ plan: 'sealed', clipNorm: 5 }, everybody) });
    // So the plan's alignment can be measured in float32, where nothing wraps around.
    expect(secure.privacy.alignment).toBeCloseTo(sealed.privacy.alignment ?? 0, 4);
    let [difference, largest] = [0, 0];
    sealed.parameters.forEach((value, i) => {
      difference = Math.max(difference, Math.abs(value - secure.parameters[i]));
      largest = Math.max(largest, Math.abs(value));
    });
    expect(difference / largest).toBeLessThan(1e-3);
    expect(secure.bytes.sent).toBeLessThan(sealed.bytes.sent);
    // Keys, shares and what else a device sends stay small beside a real model; here the vector is a few hundred bytes.
    expect(secure.bytes.upload - secure.bytes.sent).toBeLessThan(10_000);
  });

  it('abandons rounds that lose more than their threshold allows, and learns nothing of them', async () => {
    const result = await simulate({ ...quick, task: plan(undefined, { rounds: 1 }), dropoutRate: 0.5 });
    const abandoned = result.rounds.filter(({ outcome }) => outcome === 'abandoned');
    expect(abandoned.length).toBeGreaterThan(0);
    for (const { reason } of abandoned) expect(reason).toMatch(/needed|needs/);
  });

  it('charges and adds noise on the opened sum, by the sensitivity of the rounded vector', async () => {
    const noise = { mechanism: 'gaussian', noiseMultiplier: 3, delta: 1e-5, budget: 20 };
    const task = plan({ plan: 'secure', clipNorm: 5, noise });
    const masked = await simulate({ ...quick, task });
    const integers = await simulate({ ...quick, task, cryptography: false });
    expect(masked.parameters).toEqual(integers.parameters);
    expect(masked.privacy.epsilon).toBeGreaterThan(0);
    const charge = masked.ledger.find(({ body }) => body.kind === 'charge')?.body;
    if (charge?.kind !== 'charge') throw new Error('Nothing was charged.');
    expect(JSON.stringify(charge)).toContain('sensitivity');
    const sensitivity = Number(/"sensitivity":([\d.]+)/.exec(JSON.stringify(charge))?.[1]);
    // A little above the clip norm, never below.
    expect(sensitivity).toBeGreaterThanOrEqual(5);
    expect(sensitivity).toBeLessThan(5.01);
  });
});

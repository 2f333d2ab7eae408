/** Epsilon of 10,000 sampled rounds by privacy loss distribution, nothing remembered, against dp-accounting on the same grid. */
import { composeEpsilon } from '@tributary/privacy';
import type { BenchRow } from '../../../bench/bench-row.ts';
import { dpAccounting } from '../../../bench/dp-accounting.ts';

const plan = { rate: 0.01, noiseMultiplier: 1, steps: 10_000, delta: 1e-6 };
const turns = 7;

/** A multiplier that differs in its last digits is another mechanism: nothing of the turn before is used again. */
function epsilonOf(turn: number): number {
  const sampling = { claim: 'poisson', rate: plan.rate } as const;
  const noiseMultiplier = plan.noiseMultiplier + turn * 1e-12;
  return composeEpsilon([{ mechanism: 'gaussian', noiseMultiplier, sampling, steps: plan.steps }], plan.delta, 'pld');
}

export async function rows(): Promise<BenchRow[]> {
  let [fastest, epsilon] = [Number.POSITIVE_INFINITY, 0];
  for (let turn = 0; turn < turns; turn++) {
    const start = performance.now();
    epsilon = epsilonOf(turn);
    fastest = Math.min(fastest, (performance.now() - start) / 1e3);
  }
  const name = 'PLD accounting of 10,000 rounds: dp-accounting over ours';
  const target = '>= 1x';
  const shown = (seconds: number) => `${(seconds * 1e3).toFixed(0)} ms`;
  const ours = `${shown(fastest)} (epsilon ${epsilon.toFixed(6)}, fastest of ${turns})`;
  const peer = await dpAccounting(plan, turns);
  if (typeof peer === 'string') return [{ name, ratio: null, target, ok: null, detail: `${ours}; ${peer}` }];
  const ratio = peer.seconds / fastest;
  const theirs = `dp-accounting ${peer.version} ${shown(peer.seconds)} (${peer.epsilon.toFixed(6)})`;
  return [{ name, ratio, target, ok: ratio >= 1, detail: `${theirs} against ${ours}` }];
}

/**
 * A coordinator in a process of its own that tells how much memory it takes. Its arguments: the items, the target and the plan of
 * the round. Messages: 'baseline' starts the measurement, 'peak' asks for the most that was resident since, in bytes.
 */
import { availableParallelism } from 'node:os';
import { unmask } from '../aggregation/unmask.ts';
import { smallDocument, startSmallWorld } from './small-world.ts';

/** Often enough to see every upload come and go. */
const sampleMilliseconds = 5;
const [items, target] = process.argv.slice(2, 4).map(Number);
const plan = process.argv[4];

const world = await startSmallWorld(
  smallDocument({
    model: { kind: 'implicit-als', dimension: 16 },
    rounds: 1,
    privacy: { plan, clipNorm: 5 },
    cohort: { target, minimum: target, overSelection: 1, selectionSeconds: 3600, collectionSeconds: 3600 },
  }),
  { items },
);
let baseline = 0;
let peak = 0;
const sample = () => {
  peak = Math.max(peak, process.memoryUsage.rss());
};
process.on('message', async (message) => {
  if (message === 'baseline') {
    globalThis.gc?.();
    setInterval(sample, sampleMilliseconds);
    if (plan === 'secure') await unmaskLittle();
    sample();
    baseline = Math.max(peak, process.memoryUsage.rss());
    peak = baseline;
  }
  sample();
  process.send?.({ baseline, peak });
});

/** What the unmasking threads take for themselves, whatever they unmask, belongs to the baseline. */
async function unmaskLittle(): Promise<void> {
  await unmask({
    sections: [{ length: 100_000, bits: 20 }],
    sums: [new Uint32Array(100_000)],
    masks: [{ seed: new Uint8Array(32), sign: 1 }],
    count: 1,
    threads: Math.min(8, availableParallelism()),
  });
}
process.once('disconnect', () => process.exit());
process.send?.({ url: world.coordinator.url });

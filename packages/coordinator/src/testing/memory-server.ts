/**
 * A coordinator in a process of its own that tells how much memory it takes. Its arguments: the items and the target of the
 * round. Messages: 'baseline' starts the measurement, 'peak' asks for the most that was resident since, in bytes.
 */
import { smallDocument, startSmallWorld } from './small-world.ts';

/** Often enough to see every upload come and go. */
const sampleMilliseconds = 5;
const [items, target] = process.argv.slice(2).map(Number);

const world = await startSmallWorld(
  smallDocument({
    model: { kind: 'implicit-als', dimension: 16 },
    rounds: 1,
    cohort: { target, minimum: target, overSelection: 1, selectionSeconds: 3600, collectionSeconds: 3600 },
  }),
  { items },
);
let baseline = 0;
let peak = 0;
const sample = () => {
  peak = Math.max(peak, process.memoryUsage.rss());
};
process.on('message', (message) => {
  if (message === 'baseline') {
    globalThis.gc?.();
    baseline = process.memoryUsage.rss();
    peak = baseline;
    setInterval(sample, sampleMilliseconds);
  }
  sample();
  process.send?.({ baseline, peak });
});
process.once('disconnect', () => process.exit());
process.send?.({ url: world.coordinator.url });

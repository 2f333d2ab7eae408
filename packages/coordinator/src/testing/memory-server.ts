/**
 * A coordinator in a process of its own that tells how much memory it takes. Its arguments: the items, the target and the plan of
 * the round. Messages: 'baseline' starts the measurement, 'peak' asks for the most since, in bytes.
 *
 * Of a sealed round this is what the process has from the system. The threads of a secure round come and go with heaps of their own,
 * as many as the machine has cores: there it is the heap and the buffers that a garbage collection leaves to the coordinator.
 */
import { smallDocument, startSmallWorld } from './small-world.ts';

const [items, target] = process.argv.slice(2, 4).map(Number);
const plan = process.argv[4];
const afterCollection = plan === 'secure';
/** Often enough to see every upload come and go; a garbage collection takes some 10 ms. */
const sampleMilliseconds = afterCollection ? 40 : 5;

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
  peak = Math.max(peak, bytesTaken());
};
process.on('message', (message) => {
  if (message === 'baseline') {
    globalThis.gc?.();
    setInterval(sample, sampleMilliseconds);
    baseline = bytesTaken();
    peak = baseline;
  }
  sample();
  process.send?.({ baseline, peak });
});

function bytesTaken(): number {
  if (!afterCollection) return process.memoryUsage.rss();
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
process.once('disconnect', () => void world.close().finally(() => process.exit()));
process.send?.({ url: world.coordinator.url });

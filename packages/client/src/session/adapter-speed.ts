/** How fast this device trains an adapter of a text encoder: what decides whether it does. */
import type { TrainableEncoder } from '@tributary/model';

/** Texts that the speed is measured on. */
const measuredTexts = 4;

/** Of an adapter's step: forward and backward through a few of the texts. */
export function textsPerSecond(encoder: TrainableEncoder, now: () => number): number {
  const rows = Uint32Array.from({ length: Math.min(measuredTexts, encoder.texts) }, (_, row) => row);
  const adapter = encoder.initialAdapter(0);
  const step = () => encoder.gradient(adapter, new Float32Array(rows.length * encoder.width).fill(1), rows);
  // The first makes kernels and caches.
  step();
  const started = now();
  step();
  return (1000 * rows.length) / Math.max(1, now() - started);
}

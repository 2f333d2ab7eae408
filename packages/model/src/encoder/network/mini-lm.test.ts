/** Parity with PyTorch on all-MiniLM-L6-v2, whose weights are not part of the project: skipped where they are not at hand. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadNetwork } from './load.ts';
import { miniLmConfiguration, miniLmWeights } from './mini-lm.cases.ts';
import { largestDifference } from './network.cases.ts';
import type { EncoderNetwork } from './network.ts';

const folder = join(
  process.env.TRIBUTARY_MODELS ?? fileURLToPath(new URL('../../../../../../shared/models', import.meta.url)),
  'all-MiniLM-L6-v2',
);
const missing = !existsSync(join(folder, 'model.safetensors'));
const reason = missing ? ' (skipped: set TRIBUTARY_MODELS to a folder that has it)' : '';

interface Case {
  readonly name: string;
  readonly input_ids: readonly (readonly number[])[];
  readonly attention_mask: readonly (readonly number[])[];
  readonly embeddings: readonly { readonly values: readonly number[]; readonly sum: number }[];
}

describe.skipIf(missing)(`all-MiniLM-L6-v2${reason}`, () => {
  let network: EncoderNetwork;
  beforeAll(async () => {
    await tf.setBackend('cpu');
    network = await loadNetwork(miniLmConfiguration, miniLmWeights(folder));
    return () => network.dispose();
  });

  it('embeds as PyTorch does, within 1e-4', async () => {
    const { cases } = JSON.parse(readFileSync(join(folder, 'goldens.json'), 'utf8')) as { cases: readonly Case[] };
    const checked = cases.filter(({ input_ids: ids }) => ids.length * ids[0].length <= 160); // the cpu backend is slow
    let largest = 0;
    for (const { name, input_ids: ids, attention_mask: mask, embeddings } of checked) {
      const size = ids.length;
      const length = ids[0].length;
      const typeIds = new Int32Array(size * length);
      const batch = { size, length, ids: Int32Array.from(ids.flat()), mask: Int32Array.from(mask.flat()), typeIds };
      const ours = await network.encode(batch);
      // Of some cases the file keeps the first values of an embedding, and the sum of all.
      const differences = embeddings.flatMap(({ values, sum }, text) => {
        const vector = ours.subarray(text * network.width, (text + 1) * network.width);
        const total = vector.reduce((a, b) => a + b, 0);
        return [largestDifference(vector.subarray(0, values.length), values), Math.abs(total - sum)];
      });
      const difference = Math.max(...differences);
      console.log(`${name} (${size} x ${length} tokens): embeddings within ${difference.toExponential(1)} of PyTorch`);
      largest = Math.max(largest, difference);
    }
    console.log(
      `all-MiniLM-L6-v2: ${checked.length} of ${cases.length} cases, largest difference ${largest.toExponential(1)}`,
    );
    expect(checked.length).toBeGreaterThan(5);
    expect(largest).toBeLessThan(1e-4);
  });
});

import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadNetwork } from './load.ts';
import { encoderGoldens, largestDifference, tokenBatch, unpack, weightSource } from './network.cases.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** The values of a text's tokens, without those of padding. */
function kept(hidden: Float32Array, mask: readonly number[], width: number): Float32Array {
  return hidden.filter((_, index) => mask[Math.floor(index / width)] !== 0);
}

describe.each(encoderGoldens.map((golden) => [golden.architecture, golden] as const))('%s', (_, golden) => {
  const batch = tokenBatch(golden.batch);
  const { hiddenSize } = golden.configuration;

  it('has the hidden states of transformers', async () => {
    const network = await loadNetwork(golden.configuration, weightSource(golden.weights));
    const hidden = network.lastHidden(batch);
    const ours = kept((await hidden.data()) as Float32Array, golden.batch.mask, hiddenSize);
    const difference = largestDifference(ours, kept(unpack(golden.hidden), golden.batch.mask, hiddenSize));
    console.log(`${golden.architecture}: hidden states within ${difference.toExponential(1)} of transformers`);
    expect(difference).toBeLessThan(1e-5);
    hidden.dispose();
    network.dispose();
  });

  it.each(['mean', 'cls', 'last'] as const)('pools by %s', async (pooling) => {
    const network = await loadNetwork(
      { ...golden.configuration, pooling, normalise: false },
      weightSource(golden.weights),
    );
    expect(largestDifference(await network.encode(batch), unpack(golden.pooled[pooling]))).toBeLessThan(1e-5);
    network.dispose();
  });

  it('leaves no tensor behind, with a head’s prefix before the names as without', async () => {
    const before = tf.memory().numTensors;
    const plain = await loadNetwork(golden.configuration, weightSource(golden.weights));
    const prefixed = await loadNetwork(golden.configuration, weightSource(golden.weights, 'bert.'));
    expect(await prefixed.encode(batch)).toEqual(await plain.encode(batch));
    plain.dispose();
    prefixed.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('weights that are no network’s', () => {
  const [{ configuration, weights }] = encoderGoldens;
  const source = weightSource(weights);
  const name = 'encoder.layer.1.output.dense.weight';

  it.each([
    ['a missing tensor', { shapeOf: (of: string) => (of === name ? undefined : source.shapeOf(of)) }, 'malformed'],
    ['another shape', { shapeOf: (of: string) => (of === name ? [16, 31] : source.shapeOf(of)) }, 'malformed'],
    [
      'NaN',
      { read: async (of: string) => (of === name ? new Float32Array(512).fill(Number.NaN) : source.read(of)) },
      'not-finite',
    ],
  ])('are refused by name: %s', async (_, broken, code) => {
    const before = tf.memory().numTensors;
    const loading = loadNetwork(configuration, { ...source, ...broken });
    await expect(loading).rejects.toMatchObject({ code, message: expect.stringContaining(name) });
    expect(tf.memory().numTensors).toBe(before);
  });
});

it('gives texts the same embedding alone as in a padded batch', async () => {
  for (const golden of encoderGoldens) {
    const network = await loadNetwork(golden.configuration, weightSource(golden.weights));
    const { length, mask, ids, typeIds } = golden.batch;
    const together = await network.encode(tokenBatch(golden.batch));
    const tokens = mask.slice(length, 2 * length).reduce((a, b) => a + b, 0);
    const second = (values: readonly number[]) => values.slice(length, length + tokens);
    const one = { size: 1, length: tokens, ids: second(ids), mask: second(mask), typeIds: second(typeIds) };
    const alone = await network.encode(tokenBatch(one));
    expect(largestDifference(alone, together.subarray(network.width, 2 * network.width))).toBeLessThan(1e-6);
    network.dispose();
  }
});

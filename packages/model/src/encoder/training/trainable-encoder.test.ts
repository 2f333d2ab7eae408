import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { flatten, unflatten } from '../../parameters/layout.ts';
import { createAdapter } from '../adapters/adapter.ts';
import { type AdapterSettings, defaultLora, type LoraSettings } from '../adapters/settings.ts';
import { loadNetwork } from '../network/load.ts';
import {
  type EncoderGolden,
  encoderGoldens,
  largestDifference,
  relativeDifference,
  type TrainedGolden,
  tokenBatch,
  unpack,
  weightSource,
} from '../network/network.cases.ts';
import { createTrainableEncoder } from './trainable-encoder.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const open = ({ configuration, weights }: EncoderGolden) => loadNetwork(configuration, weightSource(weights));
const valuesOf = (tensors: TrainedGolden, key: 'value' | 'gradient') =>
  new Map(Object.entries(tensors).map(([name, packed]) => [name, unpack(packed[key])]));

/** LoRA as the golden script targets it. */
function loraOf({ architecture, lora }: EncoderGolden): LoraSettings {
  const targets: LoraSettings['targets'] =
    architecture === 'gpt2' ? ['query', 'intermediate'] : ['query', 'value', 'attention-output', 'intermediate'];
  return { kind: 'lora', rank: lora.rank, alpha: lora.alpha, dropout: 0, targets, frozenA: false };
}

describe.each(encoderGoldens.map((golden) => [golden.architecture, golden] as const))('%s', (_, golden) => {
  const kinds: readonly (readonly [string, AdapterSettings, TrainedGolden])[] = [
    ['LoRA', loraOf(golden), golden.lora.tensors],
    ['LayerNorms and biases', { kind: 'own-weights', norms: true, biases: true }, golden.norms],
    ['Houlsby adapters', { kind: 'houlsby', width: golden.houlsby.bottleneck }, golden.houlsby.tensors],
    ['Pfeiffer adapters', { kind: 'pfeiffer', width: golden.pfeiffer.bottleneck }, golden.pfeiffer.tensors],
  ];

  it.each(kinds)('has PyTorch’s gradient through %s', async (name, settings, tensors) => {
    const network = await open(golden);
    const before = tf.memory().numTensors;
    const adapter = createAdapter(golden.configuration, settings, '00');
    expect(adapter.layout.tensors.map((tensor) => tensor.name).toSorted()).toEqual(Object.keys(tensors).toSorted());
    const parameters = flatten(adapter.layout, valuesOf(tensors, 'value'));
    const expected = flatten(adapter.layout, valuesOf(tensors, 'gradient'));
    // Small batches, so that the sum over micro-batches is seen too.
    const encoder = createTrainableEncoder(network, adapter, tokenBatch(golden.batch), { tokensPerBatch: 16 });
    const gradient = encoder.gradient(parameters, unpack(golden.outputGradient));
    for (const { name: tensor, offset, size } of adapter.layout.tensors) {
      // A key's bias moves all scores of a query alike: its gradient is 0, and rounding has no relative size.
      const [ours, theirs] = [gradient, expected].map((values) => values.subarray(offset, offset + size));
      if (Math.hypot(...theirs) > 1e-6) expect(relativeDifference(ours, theirs), tensor).toBeLessThan(1e-3);
      else expect(largestDifference(ours, theirs), tensor).toBeLessThan(1e-5);
    }
    const relative = relativeDifference(gradient, expected).toExponential(1);
    console.log(`${golden.architecture}, ${name}: gradient within ${relative} relative of PyTorch`);
    expect(tf.memory().numTensors).toBe(before);
    network.dispose();
  });

  it('starts as the frozen encoder under every adapter', async () => {
    const network = await open(golden);
    const frozen = await network.encode(tokenBatch(golden.batch));
    for (const [, settings] of [...kinds, ['FFA-LoRA', defaultLora] as const]) {
      const adapter = createAdapter(golden.configuration, settings, 'ab12cd34');
      const encoder = createTrainableEncoder(network, adapter, tokenBatch(golden.batch));
      expect(largestDifference(encoder.encode(encoder.initialAdapter(7)), frozen)).toBeLessThan(1e-6);
    }
    network.dispose();
  });

  it('trains B alone under FFA-LoRA, with the gradient that LoRA has for the same A', async () => {
    const network = await open(golden);
    const both = createAdapter(golden.configuration, loraOf(golden), '00');
    const onlyB = createAdapter(golden.configuration, { ...loraOf(golden), frozenA: true }, 'ab12cd34');
    const b: Float32Array = Float32Array.from({ length: onlyB.layout.size }, (_, i) => Math.sin(i));
    const values = new Map<string, Float32Array>(
      onlyB.layout.tensors.map((t) => [t.name, b.subarray(t.offset, t.offset + t.size)]),
    );
    for (const [name, a] of onlyB.frozen) values.set(name, a.values);
    const texts = tokenBatch(golden.batch);
    const outer = unpack(golden.outputGradient);
    const full = createTrainableEncoder(network, both, texts).gradient(flatten(both.layout, values), outer);
    const ofB = both.layout.tensors
      .filter((tensor) => tensor.name.endsWith('.lora_B.weight'))
      .flatMap(({ offset, size }) => [...full.subarray(offset, offset + size)]);
    expect(largestDifference(createTrainableEncoder(network, onlyB, texts).gradient(b, outer), ofB)).toBeLessThan(1e-5);
    network.dispose();
  });
});

describe('an adapter on the last layer', () => {
  const [golden] = encoderGoldens;
  const settings: LoraSettings = { ...defaultLora, rank: 2, layers: [1] };

  it('runs the layers below once for each text, however often it is asked', async () => {
    const network = await open(golden);
    const seen: number[] = [];
    const counting = {
      ...network,
      below: (...parameters: Parameters<typeof network.below>) => {
        seen.push(parameters[0].size);
        return network.below(...parameters);
      },
    };
    const adapter = createAdapter(golden.configuration, settings, '00');
    const encoder = createTrainableEncoder(counting, adapter, tokenBatch(golden.batch));
    const parameters = encoder.initialAdapter(1).map((_, i) => Math.cos(i));
    const first = encoder.encode(parameters, Uint32Array.of(2));
    encoder.gradient(parameters, unpack(golden.outputGradient));
    const all = encoder.encode(parameters);
    encoder.encode(parameters, Uint32Array.of(1, 1, 2, 0));
    expect(seen.reduce((a, b) => a + b, 0)).toBe(golden.batch.size);
    expect(largestDifference(first, all.subarray(2 * network.width))).toBeLessThan(1e-6);
    network.dispose();
  });

  it('has the gradient of its own tensors in an adapter on all layers', async () => {
    const network = await open(golden);
    const texts = tokenBatch(golden.batch);
    const outer = unpack(golden.outputGradient);
    const last = createAdapter(golden.configuration, settings, '00');
    const every = createAdapter(golden.configuration, { ...settings, layers: [0, 1] }, '00');
    const lastA = new Map(last.frozen);
    const sameA = { ...every, frozen: new Map([...every.frozen].map(([name, a]) => [name, lastA.get(name) ?? a])) };
    const parameters = new Float32Array(every.layout.size);
    const half = last.layout.size;
    parameters.set(
      Float32Array.from({ length: half }, (_, i) => Math.cos(i)),
      half,
    );
    const ofLast = createTrainableEncoder(network, last, texts).gradient(parameters.subarray(half), outer);
    const ofEvery = createTrainableEncoder(network, sameA, texts).gradient(parameters, outer);
    expect(relativeDifference(ofLast, ofEvery.subarray(half))).toBeLessThan(1e-5);
    network.dispose();
  });

  it('drops inputs in training only', async () => {
    const network = await open(golden);
    const texts = tokenBatch(golden.batch);
    const outer = unpack(golden.outputGradient);
    const [plain, dropping] = [0, 0.5].map((dropout) =>
      createTrainableEncoder(network, createAdapter(golden.configuration, { ...settings, dropout }, '00'), texts),
    );
    const parameters = plain.initialAdapter(1).map((_, i) => Math.cos(i));
    expect(dropping.encode(parameters)).toEqual(plain.encode(parameters));
    expect(relativeDifference(dropping.gradient(parameters, outer), plain.gradient(parameters, outer))).toBeGreaterThan(
      0.01,
    );
    network.dispose();
  });

  it('refuses rows and gradients that are none of its own', async () => {
    const network = await open(golden);
    const adapter = createAdapter(golden.configuration, settings, '00');
    const encoder = createTrainableEncoder(network, adapter, tokenBatch(golden.batch));
    const parameters = encoder.initialAdapter(1);
    expect(() => encoder.encode(parameters, Uint32Array.of(3))).toThrow('There is no text 3');
    expect(() => encoder.gradient(parameters, new Float32Array(5))).toThrow('expected 48');
    expect(() => encoder.encode(new Float32Array(3))).toThrow('the layout expects');
    network.dispose();
  });
});

describe.each(encoderGoldens.map((golden) => [golden.architecture, golden] as const))('%s', (_, golden) => {
  it('has the gradient through a matrix that LoRA’s, which is PyTorch’s, follows from', async () => {
    const network = await open(golden);
    const { configuration } = golden;
    const texts = tokenBatch(golden.batch);
    const outer = unpack(golden.outputGradient);
    const gradientOf = (settings: AdapterSettings) => {
      const adapter = createAdapter(configuration, settings, '00');
      const encoder = createTrainableEncoder(network, adapter, texts, { tokensPerBatch: 16 });
      const values = unflatten(adapter.layout, encoder.gradient(encoder.initialAdapter(3), outer));
      return { values, initial: unflatten(adapter.layout, encoder.initialAdapter(3)) };
    };
    const rank = 3;
    const targets = ['query', 'key', 'value', 'attention-output', 'intermediate', 'output'] as const;
    const lora = gradientOf({ kind: 'lora', rank, alpha: rank, dropout: 0, targets, frozenA: false });
    const own = gradientOf({ kind: 'own-weights', norms: false, biases: false, matrices: true });
    const names = [...own.values.keys()];
    expect(names).toHaveLength(configuration.family === 'gpt2' ? 8 : 12);
    for (const name of names) {
      // y = W x + B A x, so that at B = 0 dL/dB = dL/dW transpose(A); the network holds W turned.
      const module = name.replace(/\.weight$/, '');
      const a = lora.initial.get(`${module}.lora_A.weight`) as Float32Array;
      const gradientOfB = lora.values.get(`${module}.lora_B.weight`) as Float32Array;
      const gradient = own.values.get(name) as Float32Array;
      const [inputs, outputs] = [a.length / rank, gradientOfB.length / rank];
      const expected = Float32Array.from({ length: outputs * rank }, (_, at) => {
        const [output, row] = [Math.floor(at / rank), at % rank];
        let sum = 0;
        for (let input = 0; input < inputs; input++)
          sum += gradient[input * outputs + output] * a[row * inputs + input];
        return sum;
      });
      expect(relativeDifference(expected, gradientOfB), name).toBeLessThan(1e-4);
    }
    network.dispose();
  });
});

import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { flatten } from '../../parameters/layout.ts';
import { loadNetwork } from '../network/load.ts';
import { miniLmConfiguration } from '../network/mini-lm.cases.ts';
import { encoderGoldens, largestDifference, tokenBatch, unpack, weightSource } from '../network/network.cases.ts';
import { adaptationOf, createAdapter } from './adapter.ts';
import { mergeAdapter } from './merge.ts';
import { type AdapterSettings, defaultLora, type LoraSettings } from './settings.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('LoRA of rank 8 on query and value of MiniLM', () => {
  it('has 73,728 parameters, and half of them where A is frozen', () => {
    expect(createAdapter(miniLmConfiguration, { ...defaultLora, frozenA: false }, '00').layout.size).toBe(73_728);
    expect(createAdapter(miniLmConfiguration, defaultLora, '00').layout.size).toBe(36_864);
  });

  it('has the same frozen A for the same encoder, another for another', () => {
    const a = (hash: string) => [...createAdapter(miniLmConfiguration, defaultLora, hash).frozen.values()][0].values;
    expect(a('ab12cd34ef')).toEqual(a('ab12cd34ef'));
    expect(a('ab12cd34ef')).not.toEqual(a('ab12cd35ef'));
    const variance = a('ab12cd34ef').reduce((sum, value) => sum + value ** 2, 0) / a('ab12cd34ef').length;
    expect(variance * miniLmConfiguration.hiddenSize).toBeCloseTo(1, 1);
  });
});

describe.each(encoderGoldens.map((golden) => [golden.architecture, golden] as const))('%s', (_, golden) => {
  const targets: LoraSettings['targets'] =
    golden.architecture === 'gpt2' ? ['query', 'intermediate'] : ['query', 'value', 'attention-output', 'intermediate'];
  const { rank, alpha } = golden.lora;
  const settings: LoraSettings = { kind: 'lora', rank, alpha, dropout: 0, targets, frozenA: false };
  const adapter = createAdapter({ ...golden.configuration }, settings, '00');
  const parameters = flatten(
    adapter.layout,
    new Map(Object.entries(golden.lora.tensors).map(([name, { value }]) => [name, unpack(value)])),
  );
  const batch = tokenBatch(golden.batch);

  it('encodes as peft does, beside the weights and merged into them', async () => {
    const network = await loadNetwork({ ...golden.configuration, normalise: false }, weightSource(golden.weights));
    const adaptation = adaptationOf(adapter, parameters);
    expect(largestDifference(await network.encode(batch, adaptation), unpack(golden.lora.mean))).toBeLessThan(1e-5);
    tf.dispose([...adaptation.tensors.values()]);
    const merged = mergeAdapter(network, adapter, parameters);
    expect(largestDifference(await merged.encode(batch), unpack(golden.lora.mean))).toBeLessThan(1e-5);
    merged.dispose();
    network.dispose();
  });

  it('is the plain encoder again when a merged adapter is taken out', async () => {
    const before = tf.memory().numTensors;
    const network = await loadNetwork(golden.configuration, weightSource(golden.weights));
    const merged = mergeAdapter(network, adapter, parameters);
    const back = mergeAdapter(merged, adapter, parameters, -1);
    merged.dispose();
    for (const [name, weight] of network.weights) {
      expect(largestDifference(weight.dataSync(), (back.weights.get(name) as tf.Tensor).dataSync())).toBeLessThan(1e-6);
    }
    back.dispose();
    network.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('settings that no encoder can have', () => {
  const [{ configuration }] = encoderGoldens;
  it.each<[string, AdapterSettings]>([
    ['rank is 0', { ...defaultLora, rank: 0 }],
    ['alpha is NaN', { ...defaultLora, alpha: Number.NaN }],
    ['dropout is 1', { ...defaultLora, dropout: 1 }],
    ['no target', { ...defaultLora, targets: [] }],
    ['layers are [2]', { ...defaultLora, layers: [2] }],
    ['layers are []', { kind: 'houlsby', width: 4, layers: [] }],
    ['width is 1.5', { kind: 'pfeiffer', width: 1.5 }],
    ['nothing is trained', { kind: 'own-weights', norms: false, biases: false }],
  ])('are refused: %s', (problem, settings) => {
    expect(() => createAdapter(configuration, settings, '00')).toThrow(problem);
  });
});

import * as tf from '@tensorflow/tfjs';
import { afterEach, describe, expect, it } from 'vitest';
import { flatten } from '../../parameters/layout.ts';
import { createAdapter } from '../adapters/adapter.ts';
import type { AdapterSettings, LoraSettings } from '../adapters/settings.ts';
import { loadNetwork } from '../network/load.ts';
import { miniLmConfiguration } from '../network/mini-lm.cases.ts';
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
import { createTrainableEncoder } from '../training/trainable-encoder.ts';
import { chooseBackend } from './choose.ts';
import { checkKernels, forwardKernels, gradientKernels } from './kernels.ts';
import { checkMemory, requiredBytes } from './memory.ts';

async function trained(golden: EncoderGolden, settings: AdapterSettings, tensors: TrainedGolden) {
  const network = await loadNetwork(golden.configuration, weightSource(golden.weights));
  const adapter = createAdapter(golden.configuration, settings, '00');
  const flat = (key: 'value' | 'gradient') =>
    flatten(adapter.layout, new Map(Object.entries(tensors).map(([name, packed]) => [name, unpack(packed[key])])));
  const encoder = createTrainableEncoder(network, adapter, tokenBatch(golden.batch));
  return {
    network,
    encoder,
    parameters: flat('value'),
    expected: flat('gradient'),
    outer: unpack(golden.outputGradient),
  };
}

/** LoRA as the golden script targets it. */
function lora({ architecture, lora: { rank, alpha } }: EncoderGolden): AdapterSettings {
  const targets: LoraSettings['targets'] =
    architecture === 'gpt2' ? ['query', 'intermediate'] : ['query', 'value', 'attention-output', 'intermediate'];
  return { kind: 'lora', rank, alpha, dropout: 0, targets, frozenA: false };
}

describe.each(['cpu', 'wasm'] as const)('on %s', (backend) => {
  it('embeddings and gradients are PyTorch’s, by the kernels that are looked for and no others', async () => {
    expect(await chooseBackend(backend, { training: true })).toBe(backend);
    const forward = new Set<string>();
    const gradient = new Set<string>();
    for (const golden of encoderGoldens) {
      const houlsby = { kind: 'houlsby', width: golden.houlsby.bottleneck } as const;
      for (const [settings, tensors] of [
        [lora(golden), golden.lora.tensors],
        [houlsby, golden.houlsby.tensors],
        [{ kind: 'own-weights', norms: true, biases: true } as const, golden.norms],
      ] as const) {
        const { network, encoder, parameters, expected, outer } = await trained(golden, settings, tensors);
        const encoding = await tf.profile(() => void encoder.encode(parameters));
        for (const name of encoding.kernelNames) forward.add(name);
        let ours = new Float32Array();
        const training = await tf.profile(() => {
          ours = Float32Array.from(encoder.gradient(parameters, outer));
        });
        for (const name of training.kernelNames) gradient.add(name);
        expect(relativeDifference(ours, expected)).toBeLessThan(1e-3);
        const hidden = network.lastHidden(tokenBatch(golden.batch));
        const width = network.width;
        const kept = (values: Float32Array) => values.filter((_, i) => golden.batch.mask[Math.floor(i / width)] !== 0);
        const states = kept((await hidden.data()) as Float32Array);
        expect(largestDifference(states, kept(unpack(golden.hidden)))).toBeLessThan(1e-5);
        hidden.dispose();
        network.dispose();
      }
    }
    // A profile names scopes too; a kernel is what the backend has registered.
    const kernels = (names: Iterable<string>) => [...names].filter((name) => tf.getKernel(name, backend)).toSorted();
    expect(kernels(forward)).toEqual(forwardKernels.toSorted());
    expect(kernels([...gradient].filter((name) => !forward.has(name)))).toEqual(gradientKernels.toSorted());
  });
});

describe('a backend that is not there', () => {
  it.each(['webgl', 'tensorflow'] as const)('is refused with how to get it: %s', async (backend) => {
    await chooseBackend('cpu');
    const choosing = chooseBackend(backend).then(
      (name) => ({ code: name }),
      (error) => error,
    );
    // Where tfjs-node is installed, it is taken.
    const result = await choosing;
    expect(['missing-backend', 'tensorflow']).toContain(result.code);
    if (result.code === 'missing-backend') {
      expect(result.message).toMatch(/Install @tensorflow\/tfjs-node|Use a browser with WebGL/);
      expect(tf.getBackend()).toBe('cpu');
    }
  });

  it('is passed over by auto', async () => {
    expect(['tensorflow', 'wasm']).toContain(await chooseBackend('auto'));
  });
});

describe('a kernel that is not there', () => {
  const stock = tf.getKernel('Erf', 'cpu');
  afterEach(() => {
    tf.registerKernel(stock);
  });
  it('is named before anything runs', async () => {
    tf.unregisterKernel('Erf', 'cpu');
    expect(() => checkKernels('cpu', { training: false })).toThrow('cpu has no kernel Erf;');
    await expect(chooseBackend('cpu')).rejects.toMatchObject({ code: 'missing-kernel' });
  });
});

describe('memory', () => {
  it('of MiniLM in training is below three times its weights', () => {
    const weights = 4 * 22_565_376; // parameters of the published model without its pooler
    expect(requiredBytes(miniLmConfiguration, { training: false })).toBeGreaterThan(weights);
    expect(requiredBytes(miniLmConfiguration, { training: true })).toBeLessThan(3 * weights);
  });

  it('below what is needed is refused with what to do instead', () => {
    expect(() => checkMemory(miniLmConfiguration, { training: false }, 2 ** 30)).not.toThrow();
    expect(() => checkMemory(miniLmConfiguration, { training: true }, 64 * 2 ** 20)).toThrow(/64 MiB.*cheap/);
  });
});

import { decodeSum, rotationSignBits, type SectionEncoding } from '@tributary/privacy';
import type { OptimizerDocument } from '@tributary/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createServerOptimizer, type OptimizerState } from '../../../optimizer/optimizer.ts';
import { type Addition, addTo, expectedSum, floatsOf, wordsOf } from '../drawn-sums.cases.ts';
import { bufferUsage, type Gpu, watchDevice } from './gpu.ts';
import { openServerStep, signBitsOf } from './server-step.ts';
import { openAnyDevice } from './software-vulkan.cases.ts';
import { transformPasses } from './walsh-hadamard-shader.ts';
import { webgpuEngine } from './webgpu-engine.ts';

const found = await openAnyDevice();
const reason = 'missing' in found ? found.missing : null;
if (!('missing' in found)) found.device.destroy();

const roundHash = new Uint8Array(32).fill(7);
const adaptive = { learningRate: 0.1, beta1: 0.9, beta2: 0.99, tau: 1e-3 };
const optimizers: readonly OptimizerDocument[] = [
  { kind: 'fedavg', learningRate: 0.5 },
  { kind: 'fedavgm', learningRate: 0.5, momentum: 0.9 },
  { kind: 'fedadagrad', learningRate: 0.1, tau: 1e-3 },
  { kind: 'fedadam', ...adaptive },
  { kind: 'fedyogi', ...adaptive },
];

/** Largest difference, as a share of the largest value. */
function differenceOf(actual: Float32Array, expected: Float32Array): number {
  expect(actual.length).toBe(expected.length);
  let [difference, largest] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
    largest = Math.max(largest, Math.abs(expected[i]));
  }
  return largest === 0 ? difference : difference / largest;
}

describe('passes of the transform', () => {
  it('take every level of 2^p once, in tiles of at most 2,048 elements', () => {
    for (let p = 0; p <= 30; p++) {
      const passes = transformPasses(2 ** p);
      let stride = 1;
      for (const pass of passes) {
        expect(pass.stride).toBe(stride);
        expect(pass.rows * pass.columns).toBeLessThanOrEqual(2048);
        expect(pass.columns).toBeLessThanOrEqual(stride);
        expect(pass.tiles * pass.rows * pass.columns).toBe(2 ** p);
        stride *= pass.rows;
      }
      expect(stride).toBe(2 ** p);
    }
  });
});

describe.skipIf(reason !== null)(`the server's step on WebGPU${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  let gpu: Gpu;
  beforeAll(async () => {
    const opened = await openAnyDevice();
    if ('missing' in opened) throw new Error(opened.missing);
    gpu = watchDevice(opened);
  });
  afterAll(() => gpu?.close());

  // No integer comes to tau, where the sign that Yogi takes of v - g^2 would be one of rounding.
  const scale = 307;

  /** Some rounds on the device and on the host, which must come to the same. */
  async function compare(length: number, document: OptimizerDocument, kind: SectionEncoding['kind'], rounds: number) {
    const encoding: SectionEncoding = { section: 0, length, bits: 20, scale, bound: 1, kind };
    const signs = kind === 'rotated' ? rotationSignBits(roundHash, 0, signBitsOf(length)) : null;
    const sum = gpu.device.createBuffer({
      size: 4 * length,
      usage: bufferUsage.storage | bufferUsage.copyDestination,
    });
    const optimizer = createServerOptimizer(document);
    let shared: Float32Array = floatsOf(length, 1).map((value) => Math.tanh(value));
    let state: OptimizerState = optimizer.initialState;
    const step = await openServerStep(gpu, document, shared);
    for (let round = 0; round < rounds; round++) {
      // Both the low bits, which count, and what may lie above them.
      const integers = wordsOf(length, 10 + round).map((word, i) => (i % 3 === 0 ? word : (word % 2001) - 1000));
      const noise = Int32Array.from(wordsOf(length, 20 + round), (word) => (word % 101) - 50);
      const withNoise = round % 2 === 1;
      gpu.device.queue.writeBuffer(sum, 0, integers);
      const moved = await step.run({
        sum,
        bits: 20,
        scale,
        signs,
        factor: 1 / 40,
        ...(withNoise ? { noise } : {}),
      });
      const decoded = decodeSum(integers, encoding, roundHash, withNoise ? noise : undefined);
      const direction = decoded.values.map((value) => value / 40);
      const expected = optimizer.step(shared, direction, state);
      expect(moved.fill).toBe(decoded.fill);
      expect(differenceOf(moved.parameters, expected.parameters)).toBeLessThan(1e-6);
      shared = expected.parameters;
      state = expected.state;
    }
    const moments = await step.readState();
    for (const name of ['momentum', 'second'] as const) {
      const [actual, expected] = [moments[name], state[name]];
      if (expected && actual) expect(differenceOf(actual, expected)).toBeLessThan(1e-6);
      else expect(actual).toBe(expected);
    }
    await step.close();
    sum.destroy();
  }

  // Not rotated: what a transform rounds away from a coordinate near zero, adaptive rules divide by tau.
  it.each(optimizers)('moves the model as the host does: $kind', async (document) => {
    await compare(5000, document, 'plain', 4);
  });

  it.each([1, 2, 3, 7, 8, 33, 1000, 2047, 2048, 2049, 4096, 131_073])(
    'takes the rotation off %d coordinates',
    async (length) => {
      await compare(length, { kind: 'fedavg', learningRate: 1 }, 'rotated', 2);
    },
  );

  it('goes on from the moments of earlier rounds', async () => {
    const document = optimizers[3];
    const optimizer = createServerOptimizer(document);
    const shared = floatsOf(100, 1).map(Math.tanh);
    const state = { momentum: floatsOf(100, 2).map(Math.tanh), second: floatsOf(100, 3).map((v) => Math.tanh(v) ** 2) };
    const step = await openServerStep(gpu, document, shared, state);
    const sum = gpu.device.createBuffer({ size: 400, usage: bufferUsage.storage });
    const { parameters } = await step.run({ sum, bits: 8, scale: 1, signs: null, factor: 1 });
    const expected = optimizer.step(shared, new Float32Array(100), state);
    expect(differenceOf(parameters, expected.parameters)).toBeLessThan(1e-6);
    await step.close();
  });

  it('takes a sum of masked vectors as it is on the device', async () => {
    const opened = await openAnyDevice();
    if ('missing' in opened) throw new Error(opened.missing);
    const engine = webgpuEngine(opened);
    const [length, bits] = [3000, 20];
    const sections = [{ length, bits }];
    const sum = await engine.openModularSum(sections);
    const additions: readonly Addition[] = [
      { kind: 'packed', from: 1 },
      { kind: 'keystream', from: 2, sign: -1 },
    ];
    await addTo(sum, additions);
    const onDevice = sum.deviceSection(0);
    if (!onDevice) throw new Error('The sum is in one piece.');
    const step = await engine.openServerStep({ kind: 'fedavg', learningRate: 1 }, new Float32Array(length));
    const signs = rotationSignBits(roundHash, 0, signBitsOf(length));
    const { parameters, fill } = await step.run({ sum: onDevice, bits, scale, signs, factor: 1 });
    const encoding = { section: 0, length, bits, scale, bound: 1, kind: 'rotated' } as const;
    const expected = decodeSum(expectedSum(sections, additions)[0], encoding, roundHash);
    expect(fill).toBe(expected.fill);
    expect(differenceOf(parameters, expected.values)).toBeLessThan(1e-6);
    await engine.close();
    await expect(step.readState()).rejects.toEqual(expect.objectContaining({ code: 'closed' }));
  });

  it('refuses noise and signs of another length', async () => {
    const step = await openServerStep(gpu, optimizers[0], new Float32Array(9));
    const sum = gpu.device.createBuffer({ size: 36, usage: bufferUsage.storage });
    const round = { sum, bits: 8, scale: 1, signs: null, factor: 1 };
    await expect(step.run({ ...round, noise: new Int32Array(8) })).rejects.toThrow(RangeError);
    await expect(step.run({ ...round, signs: new Uint8Array(1) })).rejects.toThrow(RangeError);
    await step.close();
    await expect(step.run(round)).rejects.toEqual(expect.objectContaining({ code: 'closed' }));
  });
});

import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodingAgreement } from '../../encodings/agreement.ts';
import { seededRandom } from '../../random/seeded.ts';
import { bytesSource } from '../../safetensors/index.ts';
import { createAdapter } from '../adapters/adapter.ts';
import { mergeAdapter } from '../adapters/merge.ts';
import { chooseBackend } from '../backends/choose.ts';
import { loadNetwork } from '../network/load.ts';
import { encoderGoldens, largestDifference, weightSource } from '../network/network.cases.ts';
import type { EncoderNetwork } from '../network/network.ts';
import { networkWeights } from '../network/network-weights.ts';
import { padTexts } from '../tokenization/pad.ts';
import { createTrainableEncoder } from '../training/trainable-encoder.ts';
import { openWeights } from '../weights-file/open-weights.ts';
import { writeWeights } from '../weights-file/write-weights.ts';
import { cosineLoss } from './cosine-loss.ts';
import { distil, wholeLayers } from './distil.ts';
import { evenLayers, studentWeights } from './student.ts';

beforeAll(async () => {
  await chooseBackend('wasm', { training: true });
});

describe('the loss of distillation', () => {
  const vectors = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 6, maxLength: 6 });
  const long = (values: readonly number[]) => [0, 3].every((from) => Math.hypot(...values.slice(from, from + 3)) > 0.5);

  it('has the gradient of finite differences, which is across the output', () => {
    fc.assert(
      fc.property(vectors.filter(long), vectors.filter(long), fc.nat(5), (a, b, at) => {
        const targets = Float32Array.from(b);
        const { gradient } = cosineLoss(Float32Array.from(a), targets, 3);
        const lossAt = (change: number) =>
          cosineLoss(
            Float32Array.from(a).map((value, i) => (i === at ? value + change : value)),
            targets,
            3,
          ).loss;
        expect(gradient[at]).toBeCloseTo((lossAt(1e-2) - lossAt(-1e-2)) / 2e-2, 2);
        expect(gradient.subarray(0, 3).reduce((sum, value, i) => sum + value * a[i], 0)).toBeCloseTo(0, 5);
      }),
    );
  });

  it('is 0 for the same directions, 2 for opposite ones, and 1 without gradient for a vector of zeros', () => {
    const of = (output: number[]) => cosineLoss(Float32Array.from(output), Float32Array.of(3, 4), 2);
    expect(of([6, 8]).loss).toBeCloseTo(0, 6);
    expect(of([-3, -4]).loss).toBeCloseTo(2, 6);
    expect(of([0, 0])).toEqual({ loss: 1, gradient: new Float32Array(2) });
  });
});

const [{ configuration, weights }] = encoderGoldens;
const teacherConfiguration = { ...configuration, pooling: 'mean', normalise: true } as const;
const studentConfiguration = { ...teacherConfiguration, layers: 1 };
const loadStudent = () =>
  loadNetwork(studentConfiguration, studentWeights(teacherConfiguration, weightSource(weights), evenLayers(2, 1)));

/** Texts of 3 to 8 tokens, drawn. */
function drawnTexts(count: number) {
  const random = seededRandom(5);
  const text = () => Int32Array.from({ length: 3 + random.below(6) }, () => random.below(configuration.vocabularySize));
  return padTexts(Array.from({ length: count }, text), 0);
}

const studentOf = (network: EncoderNetwork, texts: ReturnType<typeof drawnTexts>) =>
  createTrainableEncoder(network, createAdapter(studentConfiguration, wholeLayers, '00'), texts, {
    tokensPerBatch: 512,
  });
const range = (from: number, to: number) => Uint32Array.from({ length: to - from }, (_, at) => from + at);

describe('a student of one layer', () => {
  const texts = drawnTexts(400);
  const [learned, heldOut] = [range(0, 300), range(300, 400)];
  const settings = { epochs: 10, batchSize: 10, learningRate: 3e-3, seed: 1 };
  const targetsOf = async () => {
    const teacher = await loadNetwork(teacherConfiguration, weightSource(weights));
    const targets = await teacher.encode(texts);
    teacher.dispose();
    return targets;
  };

  it('comes nearer to its teacher on texts it has not seen, and stays what it is when written and opened', async () => {
    const before = tf.memory().numTensors;
    const targets = await targetsOf();
    const network = await loadStudent();
    const student = studentOf(network, texts);
    const { width } = network;
    const expected = targets.subarray(300 * width);
    const agreement = (parameters: Float32Array) =>
      encodingAgreement(expected, student.encode(parameters, heldOut), width, 5);
    const losses: number[] = [];
    const trained = await distil(student, targets, learned, settings, { onStep: (_, __, loss) => losses.push(loss) });
    const [undistilled, distilled] = [agreement(student.initialAdapter(0)), agreement(trained)];
    for (const measure of ['meanCosine', 'centredCosine', 'neighbourOverlap'] as const) {
      console.log(`${measure}: ${undistilled[measure].toFixed(3)} -> ${distilled[measure].toFixed(3)}`);
    }
    expect(losses).toHaveLength(10 * 30);
    // A drawn teacher's embeddings share a direction, which is learned first: only what remains without it is about the texts.
    expect(1 - distilled.meanCosine).toBeLessThan((1 - undistilled.meanCosine) / 10);
    expect(1 - distilled.centredCosine).toBeLessThan((1 - undistilled.centredCosine) / 2);
    expect(distilled.neighbourOverlap).toBeGreaterThan(undistilled.neighbourOverlap);

    const merged = mergeAdapter(network, createAdapter(studentConfiguration, wholeLayers, '00'), trained);
    const parts: number[] = [];
    for await (const part of writeWeights(studentConfiguration, networkWeights(merged), { int8: false }))
      parts.push(...part);
    const source = bytesSource(Uint8Array.from(parts));
    const opened = await loadNetwork(studentConfiguration, await openWeights([{ name: 'written', source }]));
    expect(await opened.encode(texts)).toEqual(await merged.encode(texts));
    // Rounded elsewhere: batches are padded to other lengths.
    const alone = student.encode(trained, heldOut);
    expect(largestDifference((await opened.encode(texts)).subarray(300 * width), alone)).toBeLessThan(1e-6);
    for (const one of [network, merged, opened]) one.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is the same for the same seed, and ends when it is told to', async () => {
    const targets = await targetsOf();
    const network = await loadStudent();
    const short = { ...settings, epochs: 1 };
    const train = (seed: number, signal?: AbortSignal) =>
      distil(studentOf(network, texts), targets, learned, { ...short, seed }, signal ? { signal } : {});
    const first = await train(1);
    expect(await train(1)).toEqual(first);
    expect(await train(2)).not.toEqual(first);
    await expect(train(1, AbortSignal.abort('SIGINT'))).rejects.toBe('SIGINT');
    network.dispose();
  });

  it('is refused targets of other texts, and a learning rate that leads nowhere', async () => {
    const network = await loadStudent();
    const student = studentOf(network, texts);
    await expect(distil(student, new Float32Array(16), learned, settings)).rejects.toThrow(RangeError);
    const diverging = distil(student, await targetsOf(), learned, { ...settings, learningRate: 1e38 });
    await expect(diverging).rejects.toMatchObject({ name: 'EncoderError', code: 'not-finite' });
    network.dispose();
  });
});

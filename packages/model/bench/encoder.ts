/**
 * Text encoders: texts a second at 32 tokens on each backend of TensorFlow.js beside onnxruntime's CPU on one thread, and what one LoRA
 * step holds in memory. all-MiniLM-L6-v2 of ../shared/models; run alone by `tsx --conditions=source packages/model/bench/encoder.ts`.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import type { BenchRow } from '../../../bench/bench-row.ts';
import { benchmarkIds, type EncoderThroughput, onnxruntimeEncoder } from '../../../bench/onnxruntime.ts';
import {
  chooseBackend,
  createAdapter,
  createTrainableEncoder,
  defaultLora,
  type EncoderBackend,
  EncoderError,
  loadNetwork,
  type OpenedEncoder,
  type TokenBatch,
} from '../src/encoder/index.ts';
import { openEncoderFolder } from '../src/encoder/node.ts';

const folder = fileURLToPath(new URL('../../../../shared/models/all-MiniLM-L6-v2', import.meta.url));
const tokens = 32;
const texts = 16;
const seconds = 10;
/** Least share of onnxruntime's throughput, on wasm or better. */
const target = 0.3;

function batchOf(size: number): TokenBatch {
  const ids = benchmarkIds({ texts: size, tokens });
  return { size, length: tokens, ids, mask: new Int32Array(ids.length).fill(1), typeIds: new Int32Array(ids.length) };
}

/** @returns texts a second, the median over `seconds`, and the first text's embedding; or why there is none */
async function throughput(opened: OpenedEncoder, backend: EncoderBackend) {
  try {
    await chooseBackend(backend);
  } catch (error) {
    if (error instanceof EncoderError) return error.message;
    throw error;
  }
  const network = await loadNetwork(opened.configuration, opened.weights);
  const batch = batchOf(texts);
  const first = (await network.encode(batch)).slice(0, network.width);
  const times: number[] = [];
  const until = performance.now() + 1000 * seconds;
  while (performance.now() < until || times.length < 3) {
    const start = performance.now();
    await network.encode(batch);
    times.push(performance.now() - start);
  }
  network.dispose();
  return { textsPerSecond: (1000 * texts) / times.toSorted((a, b) => a - b)[times.length >> 1], first };
}

function comparison(
  backend: EncoderBackend,
  own: Awaited<ReturnType<typeof throughput>>,
  peer: EncoderThroughput | string,
): BenchRow {
  const name = `encoding MiniLM, ${tokens} tokens: texts a second on ${backend} over onnxruntime's on one CPU thread`;
  const asked = backend === 'cpu' ? 'runs' : `>= ${target}x`;
  if (typeof own === 'string') return { name, ratio: null, target: asked, ok: null, detail: `not here: ${own}` };
  const figures = `${own.textsPerSecond.toFixed(1)} texts/s`;
  if (typeof peer === 'string') return { name, ratio: null, target: asked, ok: null, detail: `${figures}; ${peer}` };
  const ratio = own.textsPerSecond / peer.textsPerSecond;
  const difference = Math.max(...peer.first.map((value, at) => Math.abs(value - own.first[at])));
  return {
    name,
    ratio,
    target: asked,
    ok: difference < 1e-4 && (backend === 'cpu' || ratio >= target),
    detail: `${figures} against ${peer.textsPerSecond.toFixed(1)} (onnxruntime ${peer.version}), embeddings within ${difference.toExponential(1)}`,
  };
}

/** Peak bytes in tensors of one step over the weights of the encoder. */
async function loraStep(opened: OpenedEncoder): Promise<BenchRow> {
  await chooseBackend('wasm', { training: true });
  const network = await loadNetwork(opened.configuration, opened.weights);
  const weights = tf.memory().numBytes;
  const adapter = createAdapter(opened.configuration, defaultLora, opened.hash);
  const encoder = createTrainableEncoder(network, adapter, batchOf(8));
  const parameters = encoder.initialAdapter(1);
  const gradient = new Float32Array(8 * encoder.width).fill(0.1);
  encoder.gradient(parameters, gradient);
  const start = performance.now();
  const { peakBytes } = await tf.profile(() => void encoder.gradient(parameters, gradient));
  const step = (performance.now() - start) / 1000;
  const ratio = peakBytes / weights;
  const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
  return {
    name: 'a LoRA step through MiniLM, 8 texts of 32 tokens, all layers, wasm: peak bytes in tensors over the weights',
    ratio,
    target: '< 3x',
    ok: ratio < 3,
    detail: `${mebibytes(peakBytes)} against ${mebibytes(weights)}; ${step.toFixed(2)} s`,
  };
}

/** The speed of encoding and the memory of a step. Ratios above 1: ours is faster, or holds more. */
export async function rows(): Promise<BenchRow[]> {
  if (!existsSync(folder)) {
    const detail = '../shared/models/all-MiniLM-L6-v2 is not here';
    return [{ name: 'encoding MiniLM', ratio: null, target: 'runs', ok: null, detail }];
  }
  const opened = await openEncoderFolder(folder);
  const peer = await onnxruntimeEncoder({ folder, texts, tokens, seconds });
  const speeds: BenchRow[] = [];
  for (const backend of ['tensorflow', 'wasm', 'cpu'] as const) {
    speeds.push(comparison(backend, await throughput(opened, backend), peer));
  }
  return [...speeds, await loraStep(opened)];
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const { name, ratio, target: asked, ok, detail } of await rows()) {
    console.log(`${ok === false ? 'FAIL' : 'ok  '} ${name}: ${ratio?.toFixed(2)}x (target ${asked}). ${detail}`);
  }
}

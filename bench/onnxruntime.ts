/** How many texts a second onnxruntime's CPU encodes on the same machine, asked of a Python that has it. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export interface EncoderThroughput {
  /** On one thread, the median over runs. */
  readonly textsPerSecond: number;
  /** Embedding of the first text. */
  readonly first: readonly number[];
  readonly version: string;
}

export interface EncodedBatch {
  readonly folder: string;
  readonly texts: number;
  readonly tokens: number;
  readonly seconds: number;
}

/** Token ids of the batch, as the Python side makes them. */
export function benchmarkIds({ texts, tokens }: Pick<EncodedBatch, 'texts' | 'tokens'>): Int32Array {
  return Int32Array.from({ length: texts * tokens }, (_, at) => ((at * 7919) % 20_000) + 1000);
}

/** The throughput, or why it could not be measured. @throws where onnxruntime is there and fails */
export async function onnxruntimeEncoder(batch: EncodedBatch): Promise<EncoderThroughput | string> {
  const python = process.env.TRIBUTARY_ONNXRUNTIME_PYTHON ?? process.env.TRIBUTARY_PYTHON ?? 'python3';
  const run = promisify(execFile);
  try {
    await run(python, ['-c', 'import onnx, onnxruntime, torch, transformers']);
  } catch {
    return `NO PEER: ${python} lacks onnxruntime, onnx, torch or transformers (pip install them, or name a Python in TRIBUTARY_ONNXRUNTIME_PYTHON)`;
  }
  const script = fileURLToPath(new URL('../packages/model/bench/onnxruntime_encoder.py', import.meta.url));
  const { folder, texts, tokens, seconds } = batch;
  const { stdout } = await run(python, [script, folder, `${texts}`, `${tokens}`, `${seconds}`], {
    env: { ...process.env, OMP_NUM_THREADS: '1' },
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as EncoderThroughput;
}

/** Float32 sums on TensorFlow, where its native library is installed: on a GPU by CUDA, or on the processor. */
import { availableParallelism, cpus } from 'node:os';
import type { NativeFloatSums } from '@tributary/model/tfjs';
import type { AggregationEngine, FloatSum } from '../engine.ts';
import { EngineError } from '../engine-error.ts';
import { checkLength } from '../vectors.ts';
import { createTensorflowFloatSum } from './float-sum.ts';
import { saidBy } from './tensorflow-error.ts';

/** @throws EngineError 'missing' where TensorFlow is not installed or does not work, with how to get it */
export async function openTensorflowEngine(): Promise<AggregationEngine> {
  // A megabyte that only this engine needs.
  const { loadNativeFloatSums, longestNativeSum, nativeRemedy } = await import('@tributary/model/tfjs');
  const sums = await loadNativeFloatSums().catch((cause: unknown) => {
    const reason = saidBy(cause instanceof Error ? cause.message : String(cause));
    throw new EngineError('missing', `TensorFlow cannot be used here (${reason}). ${nativeRemedy}.`, { cause });
  });
  const open = new Set<FloatSum>();
  let closed = false;
  const assertOpen = () => {
    if (closed) throw new EngineError('closed', 'The tensorflow engine was closed.');
  };
  return {
    name: 'tensorflow',
    device: deviceOf(sums),
    async openModularSum() {
      assertOpen();
      throw new EngineError(
        'unsupported',
        'The tensorflow engine adds float32 vectors alone: TensorFlow has no unsigned 32-bit arithmetic that wraps on every device. Choose cpu or webgpu.',
      );
    },
    async openFloatSum(length) {
      assertOpen();
      checkLength(length);
      checkLimit(length, longestNativeSum);
      const sum = createTensorflowFloatSum(length, sums, () => open.delete(sum));
      open.add(sum);
      return sum;
    },
    async close() {
      closed = true;
      for (const sum of [...open]) await sum.close();
    },
  };
}

function checkLimit(length: number, longest: number): void {
  if (length > longest) {
    throw new EngineError(
      'beyond-limits',
      `TensorFlow holds sums of up to ${longest} numbers; this one has ${length}. Choose the cpu engine.`,
    );
  }
}

function deviceOf({ gpu }: NativeFloatSums): string {
  if (gpu) return 'TensorFlow on a GPU';
  return `TensorFlow on ${cpus()[0]?.model.trim() ?? 'a processor'}, ${availableParallelism()} cores`;
}

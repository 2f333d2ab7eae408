/** The engine that is always there: the platform's own cipher on threads over shared memory, and WebAssembly SIMD. */
import { availableParallelism, cpus } from 'node:os';
import type { AggregationEngine, FloatSum, ModularSum, SumSection } from '../engine.ts';
import { EngineError } from '../engine-error.ts';
import { createCpuFloatSum } from './float-sum.ts';
import { createCpuModularSum } from './modular-sum.ts';
import { createThreadPool } from './thread-pool.ts';

const mostThreads = 8;
/** Vectors received in the memory of sums, all together: as many as a coordinator has upload places by default, for all its tasks. */
const mostVectors = 3;

export interface CpuEngine extends AggregationEngine {
  readonly name: 'cpu';
  /** Beside the promises of every engine, at once. Throws as `openModularSum` does. */
  createModularSum(sections: readonly SumSection[]): ModularSum;
  createFloatSum(length: number): FloatSum;
}

/**
 * @param options.threads that expand keystreams; as many as the machine has cores, up to 8, unless given. 0: the calling thread alone
 */
export function openCpuEngine({
  threads = defaultThreads(),
}: {
  readonly threads?: number | undefined;
} = {}): CpuEngine {
  const pool = createThreadPool(threads);
  const open = new Set<ModularSum | FloatSum>();
  let closed = false;

  let vectorsLeft = mostVectors;

  function opened<Sum extends ModularSum | FloatSum>(create: () => Sum, closing: () => void = () => {}): Sum {
    if (closed) throw new EngineError('closed', 'The cpu engine was closed.');
    const sum = withMemory(create);
    open.add(sum);
    return {
      ...sum,
      async close() {
        if (open.delete(sum)) closing();
        await sum.close();
      },
    };
  }
  /** The first sum has them all: whoever has many tasks has the memory of a few vectors nevertheless. */
  function createModularSum(sections: readonly SumSection[]): ModularSum {
    const vectors = vectorsLeft;
    const sum = opened(
      () => createCpuModularSum(sections, pool, vectors),
      () => {
        vectorsLeft += vectors;
      },
    );
    vectorsLeft -= vectors;
    return sum;
  }
  const createFloatSum = (length: number) => opened(() => createCpuFloatSum(length));

  return {
    name: 'cpu',
    device: `${cpus()[0]?.model.trim() ?? 'CPU'}, ${threads === 0 ? 'no threads' : `${threads} thread${threads === 1 ? '' : 's'}`}`,
    createModularSum,
    createFloatSum,
    openModularSum: async (sections) => createModularSum(sections),
    openFloatSum: async (length) => createFloatSum(length),
    async close() {
      closed = true;
      for (const sum of open) await sum.close();
      open.clear();
      await pool.close();
    },
  };
}

/** A single core gains nothing by a thread. */
function defaultThreads(): number {
  const cores = Math.min(mostThreads, availableParallelism());
  return cores === 1 ? 0 : cores;
}

/** WebAssembly says of memory that it cannot have what it says of a length that is too large. */
function withMemory<Sum>(create: () => Sum): Sum {
  try {
    return create();
  } catch (cause) {
    if (!(cause instanceof RangeError) || !/memory|buffer|allocat/i.test(cause.message)) throw cause;
    throw new EngineError('out-of-memory', `The machine has no memory for the sum: ${cause.message}.`, { cause });
  }
}

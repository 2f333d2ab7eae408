/**
 * What the rounds of a coordinator are added up with: the host's memory and threads always, and beside them the engine that was chosen.
 * A device that is lost is opened again for the next round, and rounds go on without it meanwhile.
 */
import { type CpuEngine, openCpuEngine } from './cpu/cpu-engine.ts';
import type { AggregationEngine, EngineName, FloatSum, ModularSum, SumSection } from './engine.ts';
import { EngineError } from './engine-error.ts';
import { type SumKind, takesOver } from './engine-for-sum.ts';
import { createFallbackSum } from './fallback-sum.ts';
import { createLateFloatSum } from './late-float-sum.ts';

/** What did the work of a sum. */
interface ByEngine {
  readonly engine: EngineName;
}
export type RoundModularSum = ModularSum & ByEngine;
export type RoundFloatSum = FloatSum & ByEngine;

export interface RoundEngines {
  /** What was chosen, for the health page: a device that is lost is still what was chosen. */
  readonly chosen: { readonly name: EngineName; readonly device: string };
  /** Whether sums of the kind are left to the host although another engine was chosen. */
  leavesToHost(kind: SumKind): boolean;
  /** Throws as `openModularSum` of the host's engine does. */
  createModularSum(sections: readonly SumSection[]): RoundModularSum;
  createFloatSum(length: number): RoundFloatSum;
  close(): Promise<void>;
}

export interface RoundEnginesOptions {
  /** Beside the host; none by default. Closed with the others. */
  readonly engine?: AggregationEngine | null;
  /** Opens it again after it was lost. */
  readonly reopen?: () => Promise<AggregationEngine>;
  /** Bytes of keystream that a sum leaves to the host before the engine is asked; 64 MB by default: some 50 ms of one core. */
  readonly leastBytes?: number;
  /** Threads of the host's engine. */
  readonly threads?: number | undefined;
  /** The engine failed in the middle of a sum, and the host went on. */
  readonly onFallback?: (error: EngineError) => void;
}

const defaultLeastBytes = 64 * 2 ** 20;

export function createRoundEngines(options: RoundEnginesOptions = {}): RoundEngines {
  const { reopen, leastBytes = defaultLeastBytes, threads, onFallback = () => {} } = options;
  const host: CpuEngine = openCpuEngine({ threads });
  const chosen = options.engine ?? host;
  let beside: AggregationEngine | null = options.engine ?? null;
  /** One for all sums that find it lost. */
  let reopening: Promise<AggregationEngine> | null = null;
  let lost = false;
  let closed = false;

  /** A sum's place on the device: which one it is on tells whether what it reports is of the one that is used now. */
  function placeOn<Sum>(open: (engine: AggregationEngine) => Promise<Sum>) {
    let on = beside;
    return {
      async open(): Promise<Sum> {
        on = await inUse();
        return open(on);
      },
      onFallback(error: EngineError): void {
        if (error.code === 'lost' && on === beside) lost = true;
        onFallback(error);
      },
    };
  }

  async function inUse(): Promise<AggregationEngine> {
    if (!beside) throw new EngineError('missing', 'There is no engine beside the host.');
    if (!lost || !reopen) return beside;
    reopening ??= replaced(reopen).finally(() => {
      reopening = null;
    });
    return reopening;
  }

  async function replaced(again: () => Promise<AggregationEngine>): Promise<AggregationEngine> {
    const next = await again();
    if (closed) {
      await next.close();
      throw new EngineError('closed', 'The engines were closed.');
    }
    const before = beside;
    beside = next;
    lost = false;
    // Sums of other tasks that are still on it fall back.
    await before?.close().catch(() => {});
    return next;
  }

  return {
    chosen: { name: chosen.name, device: chosen.device },
    leavesToHost: (kind) => beside !== null && !takesOver(beside.name, kind),
    createModularSum(sections) {
      const sum = host.createModularSum(sections);
      if (!beside || !takesOver(beside.name, 'modular')) return { ...sum, engine: 'cpu' };
      const { open, onFallback: failed } = placeOn((engine) => engine.openModularSum(sections));
      return createFallbackSum({
        host: sum,
        device: { name: beside.name, open },
        leastBytes,
        onFallback: failed,
      });
    },
    createFloatSum(length) {
      const sum = host.createFloatSum(length);
      if (!beside || !takesOver(beside.name, 'float')) return { ...sum, engine: 'cpu' };
      const { open, onFallback: failed } = placeOn((engine) => engine.openFloatSum(length));
      return createLateFloatSum({ host: sum, device: { name: beside.name, open }, onFallback: failed });
    },
    async close() {
      closed = true;
      try {
        await beside?.close();
      } finally {
        await host.close();
      }
    },
  };
}

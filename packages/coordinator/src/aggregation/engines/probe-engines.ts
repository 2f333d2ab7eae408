/** Which engines are there, why others are not, and how fast they are. */
import { type BenchmarkKind, benchmarkEngine, benchmarkKinds, type EngineBenchmark } from './benchmark-engine.ts';
import { checkSums } from './check-sums.ts';
import { type AggregationEngine, type EngineName, engineNames } from './engine.ts';
import { type EngineOpeners, engineOpeners } from './openers.ts';

export type ProbedEngine =
  | {
      readonly name: EngineName;
      readonly available: true;
      readonly reason: null;
      readonly device: string;
      /** Null where none was asked for. */
      readonly benchmark: EngineBenchmark | null;
    }
  | {
      readonly name: EngineName;
      readonly available: false;
      /** Why it cannot be used, and what to do about it. */
      readonly reason: string;
      /** Null where none was found. */
      readonly device: string | null;
      readonly benchmark: null;
    };

export interface ProbeOptions {
  /** All by default. */
  readonly names?: readonly EngineName[];
  /** What is timed, some 0.2 s each on each engine; all by default. */
  readonly benchmark?: readonly BenchmarkKind[];
  readonly openers?: EngineOpeners;
}

/** Opens engine by engine, checks a small sum, times it, and closes it. An engine that fails in any of it is not available. */
export async function probeEngines({
  names = engineNames,
  benchmark = benchmarkKinds,
  openers = engineOpeners,
}: ProbeOptions = {}): Promise<readonly ProbedEngine[]> {
  const probed: ProbedEngine[] = [];
  // One after the other: they would take each other's time.
  for (const name of names) probed.push(await probe(name, openers[name], benchmark));
  return probed;
}

async function probe(
  name: EngineName,
  open: () => Promise<AggregationEngine>,
  kinds: readonly BenchmarkKind[],
): Promise<ProbedEngine> {
  let engine: AggregationEngine | null = null;
  try {
    engine = await open();
    await checkSums(engine);
    const benchmark = kinds.length === 0 ? null : await benchmarkEngine(engine, kinds);
    return { name, available: true, reason: null, device: engine.device, benchmark };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { name, available: false, reason, device: engine?.device ?? null, benchmark: null };
  } finally {
    // What failed may not close either.
    await engine?.close().catch(() => {});
  }
}

/** Opens the engine that was asked for, or the one that is fastest here. */
import { checkSums } from './check-sums.ts';
import type { AggregationEngine, EngineName } from './engine.ts';
import { type EngineOpeners, engineOpeners } from './openers.ts';
import { type ProbedEngine, probeEngines } from './probe-engines.ts';

/** Those that expand keystreams, a coordinator's dearest work. */
const modularEngines: readonly EngineName[] = ['cpu', 'webgpu'];

/**
 * 'auto' takes the one that expands keystreams fastest in a short probe, which is made once for the process.
 * @throws EngineError 'missing' where the engine that was named is not there or adds wrongly: why, and how to get it
 */
export const openEngine: (name: EngineName | 'auto') => Promise<AggregationEngine> = createEngineOpener(engineOpeners);

/** The same over other openers, with a memory of its own. */
export function createEngineOpener(openers: EngineOpeners): (name: EngineName | 'auto') => Promise<AggregationEngine> {
  let chosen: Promise<EngineName> | null = null;

  async function choose(): Promise<EngineName> {
    return fastestOf(await probeEngines({ names: modularEngines, benchmark: ['keystream'], openers }));
  }
  async function open(name: EngineName): Promise<AggregationEngine> {
    const engine = await openers[name]();
    try {
      await checkSums(engine);
      return engine;
    } catch (error) {
      await engine.close().catch(() => {});
      throw error;
    }
  }
  return async (name) => {
    if (name !== 'auto') return open(name);
    chosen ??= choose();
    try {
      return await open(await chosen);
    } catch (error) {
      // A device that has gone since: the next call looks again.
      chosen = null;
      throw error;
    }
  };
}

/** By keystreams; the engine that is always there where none was timed. */
export function fastestOf(engines: readonly ProbedEngine[]): EngineName {
  let fastest: { readonly name: EngineName; readonly speed: number } = { name: 'cpu', speed: 0 };
  for (const { name, benchmark } of engines) {
    const speed = benchmark?.keystream ?? 0;
    if (speed > fastest.speed) fastest = { name, speed };
  }
  return fastest.name;
}

/** What a coordinator is given to add its rounds up with, from the name of an engine. */
import type { EngineName } from './engine.ts';
import { openEngine } from './open-engine.ts';
import type { RoundEnginesOptions } from './round-engines.ts';

/**
 * 'auto' leaves to the host what is too little for a device, and everything where the fastest device fails to open; an engine that is named
 * has all keystreams (webgpu), or all float32 vectors (tensorflow).
 * @throws EngineError 'missing' where the engine that was named is not there: why, and how to get it
 */
export async function chooseRoundEngine(
  name: EngineName | 'auto',
): Promise<Pick<RoundEnginesOptions, 'engine' | 'reopen' | 'leastBytes'>> {
  if (name === 'cpu') return {};
  const engine = await openEngine(name).catch((error: unknown) => {
    if (name === 'auto') return null;
    throw error;
  });
  if (!engine) return {};
  if (engine.name === 'cpu') {
    // The coordinator has the host's own by itself.
    await engine.close();
    return {};
  }
  return { engine, reopen: () => openEngine(engine.name), ...(name !== 'auto' && { leastBytes: 0 }) };
}

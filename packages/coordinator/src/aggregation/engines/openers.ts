import type { AggregationEngine, EngineName } from './engine.ts';
import { EngineError } from './engine-error.ts';

/** Each opens its engine. @throws EngineError 'missing' where it is not there: why, and how to get it */
export type EngineOpeners = Readonly<Record<EngineName, () => Promise<AggregationEngine>>>;

/** Engines by name; what an engine is made of is loaded when it is asked for. */
export const engineOpeners: EngineOpeners = {
  async cpu() {
    const { openCpuEngine } = await import('./cpu/cpu-engine.ts');
    return openCpuEngine();
  },
  async webgpu() {
    const { openWebgpuEngine } = await import('./webgpu/webgpu-engine.ts');
    const opened = await openWebgpuEngine();
    if ('missing' in opened) throw new EngineError('missing', opened.missing);
    return opened;
  },
  async tensorflow() {
    const { openTensorflowEngine } = await import('./tensorflow/tensorflow-engine.ts');
    return openTensorflowEngine();
  },
};

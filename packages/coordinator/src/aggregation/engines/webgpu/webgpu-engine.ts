/** Sums on a GPU by way of WebGPU: on Linux Vulkan, on Windows Direct3D 12, on macOS Metal. */
import type { OptimizerDocument } from '@tributary/protocol';
import type { OptimizerState } from '../../../optimizer/optimizer.ts';
import type { AggregationEngine, FloatSum, ModularSum } from '../engine.ts';
import { openFloatSum } from './float-sum.ts';
import { watchDevice } from './gpu.ts';
import type { EngineMissing } from './missing.ts';
import { type DeviceModularSum, openModularSum } from './modular-sum.ts';
import { type OpenDevice, openDevice } from './open-device.ts';
import { createPipelines } from './pipelines.ts';
import { openServerStep, type ServerStep } from './server-step.ts';

export interface WebgpuEngine extends AggregationEngine {
  openModularSum(...parameters: Parameters<AggregationEngine['openModularSum']>): Promise<DeviceModularSum>;
  /** Throws as `openServerStep` does. @param parameters [d], d >= 1 */
  openServerStep(document: OptimizerDocument, parameters: Float32Array, state?: OptimizerState): Promise<ServerStep>;
}

/** On the machine's GPU, the fastest where there are several; says why where there is none. */
export async function openWebgpuEngine(): Promise<WebgpuEngine | EngineMissing> {
  const open = await openDevice();
  return 'missing' in open ? open : webgpuEngine(open);
}

/** Takes the device over: it is destroyed when the engine is closed. */
export function webgpuEngine(open: OpenDevice): WebgpuEngine {
  const gpu = watchDevice(open);
  const pipelines = createPipelines(gpu);
  const sums = new Set<ModularSum | FloatSum | ServerStep>();

  function keep<S extends ModularSum | FloatSum | ServerStep>(sum: S): S {
    const kept: S = {
      ...sum,
      close() {
        sums.delete(kept);
        return sum.close();
      },
    };
    sums.add(kept);
    return kept;
  }
  return {
    name: 'webgpu',
    device: open.name,
    openModularSum: async (sections) => keep(await openModularSum(gpu, pipelines, sections)),
    openFloatSum: async (length) => keep(await openFloatSum(gpu, pipelines, length)),
    openServerStep: async (document, parameters, state) => keep(await openServerStep(gpu, document, parameters, state)),
    async close() {
      for (const sum of sums) await sum.close();
      gpu.close();
    },
  };
}

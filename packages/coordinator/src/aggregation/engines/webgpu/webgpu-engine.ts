/** Sums on a GPU by way of WebGPU: on Linux Vulkan, on Windows Direct3D 12, on macOS Metal. */
import type { AggregationEngine, FloatSum, ModularSum } from '../engine.ts';
import { openFloatSum } from './float-sum.ts';
import { watchDevice } from './gpu.ts';
import type { EngineMissing } from './missing.ts';
import { openModularSum } from './modular-sum.ts';
import { type OpenDevice, openDevice } from './open-device.ts';
import { createPipelines } from './pipelines.ts';

/** On the machine's GPU, the fastest where there are several; says why where there is none. */
export async function openWebgpuEngine(): Promise<AggregationEngine | EngineMissing> {
  const open = await openDevice();
  return 'missing' in open ? open : webgpuEngine(open);
}

/** Takes the device over: it is destroyed when the engine is closed. */
export function webgpuEngine(open: OpenDevice): AggregationEngine {
  const gpu = watchDevice(open);
  const pipelines = createPipelines(gpu);
  const sums = new Set<ModularSum | FloatSum>();

  function keep<S extends ModularSum | FloatSum>(sum: S): S {
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
    async close() {
      for (const sum of sums) await sum.close();
      gpu.close();
    },
  };
}

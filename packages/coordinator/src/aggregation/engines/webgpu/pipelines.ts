/** The compiled shaders of a device: each is compiled when it is first needed. */
import type { Gpu } from './gpu.ts';
import { bufferUsage } from './gpu.ts';
import { keystreamShader } from './keystream-shader.ts';
import { floatShader, packedShader } from './upload-shaders.ts';

export interface Pipeline {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

export interface Pipelines {
  /** Bindings: the sum, the piece, the batch. @param bits 8..32 */
  keystream(bits: number): Promise<Pipeline>;
  /** Bindings: the sum, the part, zero. */
  packed(): Promise<Pipeline>;
  floats(): Promise<Pipeline>;
  /** A uniform that is zero, and that no compiler knows to be. */
  readonly zero: GPUBuffer;
}

const computeStage = 4;

export function createPipelines(gpu: Gpu): Pipelines {
  const { device } = gpu;
  const layoutOf = (...types: readonly GPUBufferBindingType[]): GPUBindGroupLayout =>
    device.createBindGroupLayout({
      entries: types.map((type, binding) => ({ binding, visibility: computeStage, buffer: { type } })),
    });
  const keystreamLayout = layoutOf('storage', 'uniform', 'uniform');
  const uploadLayout = layoutOf('storage', 'read-only-storage', 'uniform');
  const compiled = new Map<string, Promise<Pipeline>>();

  function pipelineOf(name: string, layout: GPUBindGroupLayout, code: () => string): Promise<Pipeline> {
    const known = compiled.get(name);
    if (known) return known;
    const pipeline = gpu.orLost(
      device.createComputePipelineAsync({
        label: name,
        layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
        compute: { module: device.createShaderModule({ label: name, code: code() }), entryPoint: 'main' },
      }),
    );
    const made = pipeline.then((compiledPipeline) => ({ pipeline: compiledPipeline, layout }));
    compiled.set(name, made);
    // One that failed is tried again when it is asked for again.
    made.catch(() => compiled.delete(name));
    return made;
  }

  return {
    keystream: (bits) => pipelineOf(`keystream of ${bits} bits`, keystreamLayout, () => keystreamShader(bits)),
    packed: () => pipelineOf('packed', uploadLayout, () => packedShader),
    floats: () => pipelineOf('floats', uploadLayout, () => floatShader),
    zero: device.createBuffer({ size: 16, usage: bufferUsage.uniform }),
  };
}

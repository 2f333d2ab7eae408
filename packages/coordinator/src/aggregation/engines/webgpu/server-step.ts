/**
 * The server's step on the device: from a sum of integers to the new parameters, which are all that comes back. Parameters and moments stay
 * on the device from round to round. Integers are exact; floats are float32 throughout, where the host's twin (decodeSum and
 * optimizer.ts) rounds some steps from float64.
 */
import { windowSize } from '@tributary/privacy';
import type { OptimizerDocument } from '@tributary/protocol';
import type { OptimizerState } from '../../../optimizer/optimizer.ts';
import { EngineError } from '../engine-error.ts';
import { createSumState } from '../sum-state.ts';
import { createDeviceBuffers } from './device-buffers.ts';
import { bufferUsage, type Gpu } from './gpu.ts';
import { workgroupsFor } from './pieces.ts';
import { readBack } from './read-back.ts';
import { decodeShader, flipShader, optimizerShader, stepWorkgroup } from './server-step-shaders.ts';
import { transformPasses, walshHadamardShader } from './walsh-hadamard-shader.ts';

export interface ServerStepRound {
  /** [d] words on the device, whose low `bits` count. */
  readonly sum: GPUBuffer;
  /** 8..32 */
  readonly bits: number;
  /** Steps of the grid per unit. */
  readonly scale: number;
  /** Of the coordinator: [d] integers, which do not wrap. */
  readonly noise?: Int32Array;
  /** The rotation's, as `rotationSignBits` has them, for as many bits as there are in `signBitsOf(d)`; null where nothing was rotated. */
  readonly signs: Uint8Array | null;
  /** The direction is the sum times this: one over the weight. */
  readonly factor: number;
}

export interface ServerStepResult {
  /** [d] */
  readonly parameters: Float32Array;
  /** Largest |integer| over 2^(bits - 1), in [0, 1]. */
  readonly fill: number;
}

export interface ServerStep {
  /** @throws RangeError on noise or signs of another length; EngineError 'lost', 'closed' or 'out-of-memory' */
  run(round: ServerStepRound): Promise<ServerStepResult>;
  /** The moments as they are; null for those that the optimizer has not. */
  readState(): Promise<OptimizerState>;
  close(): Promise<void>;
}

/** Signs of the one or two windows of a rotation of d coordinates. */
export function signBitsOf(length: number): number {
  const size = windowSize(length);
  return size === length ? size : 2 * size;
}

/**
 * @param parameters [d], d >= 1: the model that the first round moves
 * @param state of the rounds before it
 * @throws EngineError 'beyond-limits' where the device cannot bind d floats at once, and as `openModularSum` does
 */
export async function openServerStep(
  gpu: Gpu,
  document: OptimizerDocument,
  parameters: Float32Array,
  state: OptimizerState = { momentum: null, second: null },
): Promise<ServerStep> {
  gpu.check();
  const { device } = gpu;
  const { queue } = device;
  const { length } = parameters;
  if (length < 1) throw new RangeError('A step moves at least one parameter; got none.');
  if (4 * length > gpu.largestBinding) {
    throw new EngineError(
      'beyond-limits',
      `A step takes ${4 * length} bytes at once; the GPU binds ${gpu.largestBinding}.`,
    );
  }
  const moments = momentsOf(document);
  const buffers = createDeviceBuffers(gpu);
  const usage = bufferUsage.storage | bufferUsage.copyDestination | bufferUsage.copySource;
  const uniform = bufferUsage.uniform | bufferUsage.copyDestination;
  const vector = (needed: boolean) => buffers.create(needed ? 4 * length : 16, usage);
  const compile = async (code: string, ...types: readonly GPUBufferBindingType[]) => {
    const entries = types.map((type, binding) => ({ binding, visibility: 4, buffer: { type } }));
    const layout = device.createBindGroupLayout({ entries });
    const pipeline = await gpu.orLost(
      device.createComputePipelineAsync({
        layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
        compute: { module: device.createShaderModule({ code }), entryPoint: 'main' },
      }),
    );
    const bind = (...bound: readonly GPUBuffer[]) =>
      device.createBindGroup({ layout, entries: bound.map((buffer, binding) => ({ binding, resource: { buffer } })) });
    return { pipeline, bind };
  };
  const [read, write] = ['read-only-storage', 'storage'] as const;
  try {
    const decode = await compile(decodeShader, read, read, write, write, 'uniform');
    const transform = await compile(walshHadamardShader, write, 'uniform');
    const flip = await compile(flipShader, write, read, 'uniform');
    const optimize = await compile(optimizerShader(document.kind), read, write, write, write, 'uniform');
    const on = await gpu.checked(() => ({
      values: vector(true),
      noise: vector(true),
      parameters: vector(true),
      momentum: vector(moments.momentum),
      second: vector(moments.second !== null),
      signs: buffers.create(4 * Math.ceil(signBitsOf(length) / 32), usage),
      largest: buffers.create(16, usage),
      decode: buffers.create(16, uniform),
      step: buffers.create(48, uniform),
    }));
    queue.writeBuffer(on.parameters, 0, parameters);
    if (moments.momentum && state.momentum) queue.writeBuffer(on.momentum, 0, state.momentum);
    if (moments.second !== null) {
      queue.writeBuffer(on.second, 0, state.second ?? new Float32Array(length).fill(moments.second));
    }

    /** The windows of the inverse rotation, each a transform and its signs, as dispatches. */
    const rotation = await gpu.checked(() => {
      const size = windowSize(length);
      const windows = [{ offset: 0, start: 0 }];
      if (size !== length) windows.unshift({ offset: length - size, start: size });
      return windows.flatMap(({ offset, start }) => {
        const passes = transformPasses(size).map(({ stride, rows, columns, tiles }) => {
          const { x, y } = workgroupsFor(tiles, 1);
          const shape = buffers.createFrom([offset, stride, rows, columns, tiles, x, 0, 0], bufferUsage.uniform);
          return { pipeline: transform.pipeline, group: transform.bind(on.values, shape), x, y };
        });
        const { x, y } = workgroupsFor(size, stepWorkgroup);
        const words = [size, x * stepWorkgroup, offset, start, bitsOf(1 / Math.sqrt(size)), 0, 0, 0];
        const shape = buffers.createFrom(words, bufferUsage.uniform);
        return [...passes, { pipeline: flip.pipeline, group: flip.bind(on.values, on.signs, shape), x, y }];
      });
    });
    const optimizeGroup = optimize.bind(on.values, on.parameters, on.momentum, on.second, on.step);
    const { x, y } = workgroupsFor(length, stepWorkgroup);
    const lifetime = createSumState();

    return {
      async run({ sum, bits, scale, noise, signs, factor }) {
        lifetime.assertOpen();
        gpu.check();
        checkRound(length, noise, signs);
        if (noise) queue.writeBuffer(on.noise, 0, noise);
        if (signs) queue.writeBuffer(on.signs, 0, wholeWords(signs, on.signs.size));
        queue.writeBuffer(on.decode, 0, Uint32Array.of(length, x * stepWorkgroup, 32 - bits, bitsOf(scale)));
        queue.writeBuffer(
          on.step,
          0,
          Uint32Array.of(length, x * stepWorkgroup, ...[factor, ...moments.settings].map(bitsOf)),
        );
        const encoder = device.createCommandEncoder();
        encoder.clearBuffer(on.largest);
        if (!noise) encoder.clearBuffer(on.noise);
        const pass = encoder.beginComputePass();
        const decodeGroup = decode.bind(sum, on.noise, on.values, on.largest, on.decode);
        const decoding = { pipeline: decode.pipeline, group: decodeGroup, x, y };
        const moving = { pipeline: optimize.pipeline, group: optimizeGroup, x, y };
        for (const dispatch of [decoding, ...(signs ? rotation : []), moving]) {
          pass.setPipeline(dispatch.pipeline);
          pass.setBindGroup(0, dispatch.group);
          pass.dispatchWorkgroups(dispatch.x, dispatch.y);
        }
        pass.end();
        queue.submit([encoder.finish()]);
        const [moved, largest] = await readBack(gpu, [
          { buffer: on.parameters, words: length },
          { buffer: on.largest, words: 1 },
        ]);
        const fill = Math.min(1, new Uint32Array(largest)[0] / 2 ** (bits - 1));
        return { parameters: new Float32Array(moved), fill };
      },
      async readState() {
        lifetime.assertOpen();
        gpu.check();
        const wanted = [...(moments.momentum ? [on.momentum] : []), ...(moments.second !== null ? [on.second] : [])];
        const [momentum, second] = await readBack(
          gpu,
          wanted.map((buffer) => ({ buffer, words: length })),
        );
        return {
          momentum: momentum ? new Float32Array(momentum) : null,
          second: second ? new Float32Array(second) : null,
        };
      },
      async close() {
        lifetime.close();
        buffers.destroy();
      },
    };
  } catch (error) {
    buffers.destroy();
    throw error;
  }
}

/** Which moments an optimizer has, what its second moment starts at, and the shader's rate, beta1, rest1, beta2, rest2, tau. */
function momentsOf(document: OptimizerDocument): {
  readonly momentum: boolean;
  readonly second: number | null;
  readonly settings: readonly number[];
} {
  const { kind, learningRate: rate } = document;
  if (kind === 'fedavg') return { momentum: false, second: null, settings: [rate, 0, 1, 0, 1, 0] };
  if (kind === 'fedavgm') return { momentum: true, second: null, settings: [rate, document.momentum, 1, 0, 1, 0] };
  const { tau } = document;
  const [beta1, beta2] = kind === 'fedadagrad' ? [0, 0] : [document.beta1, document.beta2];
  return { momentum: true, second: tau * tau, settings: [rate, beta1, 1 - beta1, beta2, 1 - beta2, tau] };
}

function checkRound(length: number, noise: Int32Array | undefined, signs: Uint8Array | null): void {
  if (noise && noise.length !== length) {
    throw new RangeError(`Noise of ${noise.length} integers came for a sum of ${length}.`);
  }
  const least = Math.ceil(signBitsOf(length) / 8);
  if (signs && signs.length < least) {
    throw new RangeError(`The signs of ${length} coordinates have ${least} bytes; got ${signs.length}.`);
  }
}

function wholeWords(bytes: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const words = new Uint8Array(size);
  words.set(bytes.subarray(0, size));
  return words;
}

const bitsOf = (value: number): number => new Uint32Array(Float32Array.of(value).buffer)[0];

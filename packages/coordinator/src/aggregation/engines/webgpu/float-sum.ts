/** Sums of float32 vectors on the device. */
import type { FloatSum } from '../engine.ts';
import { createSumState } from '../sum-state.ts';
import { checkLength, checkVector } from '../vectors.ts';
import { createDeviceBuffers } from './device-buffers.ts';
import { bufferUsage, type Gpu } from './gpu.ts';
import { type Piece, piecesOf } from './pieces.ts';
import type { Pipeline, Pipelines } from './pipelines.ts';
import { readBack } from './read-back.ts';
import { createUploadRing, type UploadRing, type UploadTarget, upload, uploadTarget } from './uploads.ts';

interface FloatPiece extends Piece {
  readonly sum: GPUBuffer;
  readonly target: UploadTarget;
}

/** @throws RangeError, and EngineError as `AggregationEngine.openFloatSum` */
export async function openFloatSum(gpu: Gpu, pipelines: Pipelines, length: number): Promise<FloatSum> {
  gpu.check();
  checkLength(length);
  const buffers = createDeviceBuffers(gpu);
  try {
    const pipeline = await pipelines.floats();
    const cut = piecesOf(length, 32, gpu.largestBinding);
    const ring = await gpu.checked(() => createUploadRing(buffers, 4 * (cut[0]?.length ?? 0)));
    const usage = bufferUsage.storage | bufferUsage.copySource | bufferUsage.copyDestination;
    const pieces: FloatPiece[] = [];
    for (const piece of cut) {
      pieces.push(
        await gpu.checked(() => {
          const sum = buffers.create(4 * piece.length, usage);
          return { ...piece, sum, target: uploadTarget(gpu, pipeline, ring, sum, pipelines.zero) };
        }),
      );
    }
    return floatSum(gpu, length, { pipeline, ring, pieces }, () => buffers.destroy());
  } catch (error) {
    buffers.destroy();
    throw error;
  }
}

function floatSum(
  gpu: Gpu,
  length: number,
  {
    pipeline,
    ring,
    pieces,
  }: { readonly pipeline: Pipeline; readonly ring: UploadRing; readonly pieces: readonly FloatPiece[] },
  destroy: () => void,
): FloatSum {
  const { device } = gpu;
  const state = createSumState();
  return {
    length,
    add(vector, weight) {
      state.assertOpen();
      gpu.check();
      checkVector(vector, length);
      const [value] = new Uint32Array(Float32Array.of(weight).buffer);
      upload(
        gpu,
        pipeline,
        ring,
        pieces.map(({ target, first, length: ofPiece }) => {
          const bytes = new Uint8Array(vector.buffer, vector.byteOffset + 4 * first, 4 * ofPiece);
          return { target, length: ofPiece, bits: 32, bytes, value };
        }),
      );
    },
    async finish() {
      state.finish();
      gpu.check();
      const values = new Float32Array(length);
      const read = await readBack(
        gpu,
        pieces.map(({ sum, length: words }) => ({ buffer: sum, words })),
      );
      pieces.forEach(({ first }, i) => values.set(new Float32Array(read[i]), first));
      return values;
    },
    reset() {
      state.reset();
      gpu.check();
      const encoder = device.createCommandEncoder();
      for (const { sum } of pieces) encoder.clearBuffer(sum);
      device.queue.submit([encoder.finish()]);
    },
    async close() {
      state.close();
      destroy();
    },
  };
}

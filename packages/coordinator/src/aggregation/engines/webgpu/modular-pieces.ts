/** What a modular sum has on the device. */
import { elementsPerBlock, packedLength } from '@tributary/privacy';
import type { SumSection } from '../engine.ts';
import type { DeviceBuffers } from './device-buffers.ts';
import { bufferUsage, type Gpu } from './gpu.ts';
import { batchHeaderWords, keystreamWorkgroup, mostBatchSeeds } from './keystream-shader.ts';
import { type Piece, piecesOf, workgroupsFor } from './pieces.ts';
import type { Pipeline, Pipelines } from './pipelines.ts';
import { createUploadRing, type UploadRing, type UploadTarget, uploadTarget } from './uploads.ts';

export interface ModularPiece extends Piece {
  /** Which section it is of. */
  readonly section: number;
  readonly bits: number;
  /** Blocks of the stream. */
  readonly blocks: number;
  readonly sum: GPUBuffer;
  readonly packed: UploadTarget;
  readonly keystream: Pipeline;
  /** For each of the buffers of seeds. */
  readonly batches: readonly GPUBindGroup[];
}

export interface ModularPieces {
  readonly pieces: readonly ModularPiece[];
  readonly ring: UploadRing;
  readonly packed: Pipeline;
  /** Of those batches of seeds that may be in flight. */
  readonly seeds: readonly GPUBuffer[];
}

/** @throws EngineError 'out-of-memory', 'beyond-limits', 'lost' or 'closed'; what was made by then is in `buffers` */
export async function allocateModularPieces(
  gpu: Gpu,
  pipelines: Pipelines,
  buffers: DeviceBuffers,
  sections: readonly SumSection[],
  batches: number,
): Promise<ModularPieces> {
  const { device, largestBinding } = gpu;
  const packed = await pipelines.packed();
  const cut = sections.map(({ length, bits }) => piecesOf(length, 32 * elementsPerBlock(bits), largestBinding));
  const largest = cut.flatMap((pieces, i) => pieces.map(({ length }) => packedLength(length, sections[i].bits)));
  const { ring, seeds } = await gpu.checked(() => ({
    ring: createUploadRing(buffers, Math.max(0, ...largest)),
    seeds: Array.from({ length: batches }, () =>
      buffers.create(4 * batchHeaderWords + 32 * mostBatchSeeds, bufferUsage.uniform | bufferUsage.copyDestination),
    ),
  }));

  async function allocate(section: number, piece: Piece): Promise<ModularPiece> {
    const { bits } = sections[section];
    const keystream = await pipelines.keystream(bits);
    const perBlock = elementsPerBlock(bits);
    const blocks = Math.ceil(piece.length / perBlock);
    return gpu.checked(() => {
      // Whole blocks: what is added behind the last element is never read.
      const sum = buffers.create(
        4 * perBlock * blocks,
        bufferUsage.storage | bufferUsage.copySource | bufferUsage.copyDestination,
      );
      const row = keystreamWorkgroup * workgroupsFor(blocks, keystreamWorkgroup).x;
      const shape = buffers.createFrom([blocks, piece.first / perBlock, section, row], bufferUsage.uniform);
      const groups = seeds.map((batch) =>
        device.createBindGroup({
          layout: keystream.layout,
          entries: [sum, shape, batch].map((buffer, binding) => ({ binding, resource: { buffer } })),
        }),
      );
      const target = uploadTarget(gpu, packed, ring, sum, pipelines.zero);
      return { ...piece, section, bits, blocks, sum, packed: target, keystream, batches: groups };
    });
  }

  const pieces: ModularPiece[] = [];
  for (const [section, ofSection] of cut.entries()) {
    for (const piece of ofSection) pieces.push(await allocate(section, piece));
  }
  return { pieces, ring, packed, seeds };
}

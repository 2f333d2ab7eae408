/** Sums modulo 2^b on the device: 32-bit words, whose low b bits count. */
import { checkShape, elementsPerBlock, maskOf } from '@tributary/privacy';
import type { ModularSum, SumSection } from '../engine.ts';
import { createSumState } from '../sum-state.ts';
import { checkPackedSections, checkSeed } from '../vectors.ts';
import { createDeviceBuffers } from './device-buffers.ts';
import type { Gpu } from './gpu.ts';
import { createInFlight } from './in-flight.ts';
import { keystreamWorkgroup, mostBatchSeeds } from './keystream-shader.ts';
import { allocateModularPieces, type ModularPieces } from './modular-pieces.ts';
import { workgroupsFor } from './pieces.ts';
import type { Pipelines } from './pipelines.ts';
import { readBack } from './read-back.ts';
import { createSeedBatch } from './seed-batch.ts';
import { upload } from './uploads.ts';

const mostInFlight = 2;
/** Keystream of one batch: long enough that calls do not count, short enough that no driver takes the device for hung. */
const mostBatchBytes = 2 ** 31;
/** Invocations that keep a large device busy; where there are fewer blocks, several share a batch's seeds for each block. */
const enoughInvocations = 2 ** 17;
/** Seeds of one invocation, below which adding their sum to memory would count. */
const leastSliceSeeds = 16;

/** A sum whose words can be used where they are. */
export interface DeviceModularSum extends ModularSum {
  /**
   * [length] words of a section, whose low bits are its sum, after everything that was added so far; null where it lies in several
   * buffers, or has no elements. @throws EngineError 'finished', 'closed' or 'lost'
   */
  deviceSection(section: number): GPUBuffer | null;
}

/** @throws RangeError, and EngineError as `AggregationEngine.openModularSum` */
export async function openModularSum(
  gpu: Gpu,
  pipelines: Pipelines,
  sections: readonly SumSection[],
): Promise<DeviceModularSum> {
  gpu.check();
  sections.forEach(({ length, bits }, section) => checkShape({ length, bits, section, from: 0 }));
  const buffers = createDeviceBuffers(gpu);
  try {
    const pieces = await allocateModularPieces(gpu, pipelines, buffers, sections, mostInFlight);
    return modularSum(gpu, [...sections], pieces, () => buffers.destroy());
  } catch (error) {
    buffers.destroy();
    throw error;
  }
}

/** Seeds of a batch over these sections. */
export function batchSeeds(sections: readonly SumSection[]): number {
  const blocks = sections.reduce((all, { length, bits }) => all + Math.ceil(length / elementsPerBlock(bits)), 0);
  return Math.max(1, Math.min(mostBatchSeeds, Math.floor(mostBatchBytes / (64 * Math.max(1, blocks)))));
}

function modularSum(
  gpu: Gpu,
  sections: readonly SumSection[],
  { pieces, ring, packed, seeds }: ModularPieces,
  destroy: () => void,
): DeviceModularSum {
  const { device } = gpu;
  const { queue } = device;
  const state = createSumState();
  const assertOpen = () => {
    state.assertOpen();
    gpu.check();
  };
  const inFlight = createInFlight(gpu, mostInFlight);
  const fullBatch = batchSeeds(sections);
  const batch = createSeedBatch(mostBatchSeeds);
  let next = 0;
  let destroyed = false;

  /** The seeds that wait are on their way when this returns, and no longer on the host. */
  function flush(): void {
    const { count } = batch;
    if (count === 0) return;
    const buffer = next;
    next = (next + 1) % seeds.length;
    const blocks = pieces.reduce((most, piece) => Math.max(most, piece.blocks), 1);
    const slices = Math.max(1, Math.min(Math.floor(enoughInvocations / blocks), Math.floor(count / leastSliceSeeds)));
    const slice = Math.ceil(count / slices);
    queue.writeBuffer(seeds[buffer], 0, batch.bytes(slice));
    batch.wipe();
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (const { blocks: ofPiece, keystream, batches } of pieces) {
      const { x, y } = workgroupsFor(ofPiece, keystreamWorkgroup);
      pass.setPipeline(keystream.pipeline);
      pass.setBindGroup(0, batches[buffer]);
      pass.dispatchWorkgroups(x, y, Math.ceil(count / slice));
    }
    pass.end();
    queue.submit([encoder.finish()]);
    inFlight.track();
  }
  function clear(which: readonly GPUBuffer[]): void {
    const encoder = device.createCommandEncoder();
    for (const buffer of which) encoder.clearBuffer(buffer);
    queue.submit([encoder.finish()]);
  }

  return {
    sections,
    addPacked(vector) {
      assertOpen();
      checkPackedSections(vector, sections);
      upload(
        gpu,
        packed,
        ring,
        pieces.map(({ section, first, length, bits, packed: target }) => {
          // Pieces begin at whole bytes.
          const bytes = vector[section].subarray((first * bits) / 8);
          return { target, length, bits, bytes, value: bits };
        }),
      );
    },
    async addKeystream(seed, sign) {
      assertOpen();
      checkSeed(seed);
      batch.add(seed, sign);
      if (batch.count < fullBatch) return;
      flush();
      await inFlight.room();
    },
    deviceSection(section) {
      assertOpen();
      flush();
      const own = pieces.filter((piece) => piece.section === section);
      return own.length === 1 ? own[0].sum : null;
    },
    async finish() {
      assertOpen();
      state.finish();
      flush();
      clear(seeds);
      const sums = sections.map(({ length }) => new Uint32Array(length));
      const read = await readBack(
        gpu,
        pieces.map(({ sum, length }) => ({ buffer: sum, words: length })),
      );
      pieces.forEach(({ section, first, bits }, i) => {
        const [words, mask] = [new Uint32Array(read[i]), maskOf(bits)];
        for (let e = 0; e < words.length; e++) sums[section][first + e] = words[e] & mask;
      });
      return sums;
    },
    reset() {
      state.reset();
      gpu.check();
      batch.wipe();
      clear([...seeds, ...pieces.map(({ sum }) => sum)]);
    },
    async close() {
      state.close();
      batch.wipe();
      if (destroyed) return;
      destroyed = true;
      if (gpu.isOpen) clear(seeds);
      destroy();
    },
  };
}

/** Vectors go to the device in parts, through a ring of buffers: the next part is written while the last one is added. */
import type { DeviceBuffers } from './device-buffers.ts';
import { bufferUsage, type Gpu } from './gpu.ts';
import { workgroupsFor } from './pieces.ts';
import type { Pipeline } from './pipelines.ts';
import { uploadHeaderWords, uploadWorkgroup } from './upload-shaders.ts';

/** Bytes of a part: large enough that calls do not count. */
const mostPartBytes = 2 ** 23;
/** 32 elements of 32 bits. */
const leastPartBytes = 128;
const ringSize = 3;
const headerBytes = 4 * uploadHeaderWords;

export interface UploadRing {
  readonly buffers: readonly GPUBuffer[];
  /** Bytes of a part, a multiple of 4. */
  readonly partBytes: number;
  /** The buffer that was written longest ago. */
  next: number;
}

/** What a piece of a sum is bound to, for each buffer of the ring. */
export type UploadTarget = readonly GPUBindGroup[];

export interface Upload {
  readonly target: UploadTarget;
  /** The elements of the piece: `bits` each, packed densely, in `bytes`. */
  readonly length: number;
  readonly bits: number;
  readonly bytes: Uint8Array;
  /** For the shader: bits, or the weight's bits. */
  readonly value: number;
}

/** @param largest bytes of the largest piece's elements as they are uploaded */
export function createUploadRing(buffers: DeviceBuffers, largest: number): UploadRing {
  const partBytes = Math.min(mostPartBytes, Math.max(leastPartBytes, 4 * Math.ceil(largest / 4)));
  // A shader may read a word behind the last element's.
  const size = headerBytes + partBytes + 4;
  const usage = bufferUsage.storage | bufferUsage.copyDestination;
  return { partBytes, buffers: Array.from({ length: ringSize }, () => buffers.create(size, usage)), next: 0 };
}

/** @param sum a piece of a sum */
export function uploadTarget(
  { device }: Gpu,
  { layout }: Pipeline,
  ring: UploadRing,
  sum: GPUBuffer,
  zero: GPUBuffer,
): UploadTarget {
  return ring.buffers.map((part) =>
    device.createBindGroup({
      layout,
      entries: [sum, part, zero].map((buffer, binding) => ({ binding, resource: { buffer } })),
    }),
  );
}

/** Adds what is in the bytes, which are the caller's again when this returns. */
export function upload({ device }: Gpu, { pipeline }: Pipeline, ring: UploadRing, uploads: readonly Upload[]): void {
  const { queue } = device;
  const passes: { readonly group: GPUBindGroup; readonly x: number; readonly y: number }[] = [];
  function submit(): void {
    if (passes.length === 0) return;
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    for (const { group, x, y } of passes) {
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(x, y);
    }
    pass.end();
    queue.submit([encoder.finish()]);
    passes.length = 0;
  }
  for (const { target, length, bits, bytes, value } of uploads) {
    // 32 elements are a whole number of words.
    const step = 32 * Math.floor(ring.partBytes / (4 * bits));
    for (let first = 0; first < length; first += step) {
      const count = Math.min(length - first, step);
      const { x, y } = workgroupsFor(count, uploadWorkgroup);
      const slot = ring.next;
      ring.next = (slot + 1) % ringSize;
      const start = (first * bits) / 8;
      const part = bytes.subarray(start, start + Math.ceil((count * bits) / 8));
      queue.writeBuffer(ring.buffers[slot], 0, Uint32Array.of(first, count, x * uploadWorkgroup, value));
      writeBytes(queue, ring.buffers[slot], headerBytes, part);
      passes.push({ group: target[slot], x, y });
      if (passes.length === ringSize) submit();
    }
  }
  submit();
}

/** WebGPU writes whole words: the last one is padded with zeros. */
function writeBytes(queue: GPUQueue, buffer: GPUBuffer, at: number, bytes: Uint8Array): void {
  const whole = bytes.length & ~3;
  if (whole > 0) queue.writeBuffer(buffer, at, bytes, 0, whole);
  if (whole === bytes.length) return;
  const last = new Uint8Array(4);
  last.set(bytes.subarray(whole));
  queue.writeBuffer(buffer, at + whole, last);
}

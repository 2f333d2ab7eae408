import { bufferUsage, type Gpu, mapRead } from './gpu.ts';

/**
 * The first `words` of each buffer as they are after everything that was submitted before this call.
 * @throws EngineError 'out-of-memory', 'lost' or 'closed'
 */
export async function readBack(
  gpu: Gpu,
  sources: readonly { readonly buffer: GPUBuffer; readonly words: number }[],
): Promise<readonly ArrayBuffer[]> {
  const { device } = gpu;
  const copies: GPUBuffer[] = [];
  try {
    await gpu.checked(() => {
      const encoder = device.createCommandEncoder();
      for (const { buffer, words } of sources) {
        const copy = device.createBuffer({ size: 4 * words, usage: bufferUsage.mapRead | bufferUsage.copyDestination });
        copies.push(copy);
        encoder.copyBufferToBuffer(buffer, 0, copy, 0, 4 * words);
      }
      device.queue.submit([encoder.finish()]);
    });
    const read: ArrayBuffer[] = [];
    for (const copy of copies) {
      await gpu.orLost(copy.mapAsync(mapRead));
      read.push(copy.getMappedRange().slice(0));
      // Its memory is wanted for the next one's.
      copy.destroy();
    }
    return read;
  } finally {
    for (const copy of copies) copy.destroy();
  }
}

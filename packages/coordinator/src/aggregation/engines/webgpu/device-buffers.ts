import type { Gpu } from './gpu.ts';

/** The buffers of one sum. */
export interface DeviceBuffers {
  /** All zeros. */
  create(size: number, usage: number): GPUBuffer;
  /** Of 32-bit words. */
  createFrom(words: readonly number[], usage: number): GPUBuffer;
  /** Gives all back. May be called again. */
  destroy(): void;
}

export function createDeviceBuffers({ device }: Gpu): DeviceBuffers {
  const buffers: GPUBuffer[] = [];
  function create(size: number, usage: number, mappedAtCreation = false): GPUBuffer {
    const buffer = device.createBuffer({ size, usage, mappedAtCreation });
    buffers.push(buffer);
    return buffer;
  }
  return {
    create: (size, usage) => create(size, usage),
    createFrom(words, usage) {
      const buffer = create(4 * words.length, usage, true);
      new Uint32Array(buffer.getMappedRange()).set(words);
      buffer.unmap();
      return buffer;
    },
    destroy() {
      for (const buffer of buffers.splice(0)) buffer.destroy();
    },
  };
}

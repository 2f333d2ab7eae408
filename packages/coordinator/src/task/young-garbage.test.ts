import { describe, expect, it } from 'vitest';
import { createYoungGarbage } from './young-garbage.ts';

const chunkBytes = 262_144;
const mebibyte = 2 ** 20;

/** The most bytes in array buffers while so many chunks come and go. */
async function mostHeld(chunks: number, arrived: (bytes: number) => void): Promise<number> {
  let most = 0;
  for (let i = 0; i < chunks; i++) {
    const chunk = new Uint8Array(chunkBytes).fill(i);
    arrived(chunk.length);
    most = Math.max(most, process.memoryUsage().arrayBuffers);
    // Freed memory is given back by another thread.
    if (i % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return most;
}

describe('garbage of uploads', () => {
  it('is collected as it arrives: 200 MB pass through a few', async () => {
    const before = process.memoryUsage().arrayBuffers;
    const garbage = createYoungGarbage(4 * mebibyte);
    expect((await mostHeld(800, garbage.arrived)) - before).toBeLessThan(20 * mebibyte);
  });

  it('leaves no collector where others could reach it', () => {
    createYoungGarbage(1).arrived(4 * mebibyte);
    expect((globalThis as { gc?: unknown }).gc).toBeUndefined();
  });
});

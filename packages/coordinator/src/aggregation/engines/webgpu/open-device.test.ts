import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { limitTooSmall, nameOf } from './open-device.ts';

describe('a device', () => {
  const card = {
    vendor: 'nvidia',
    architecture: 'hopper',
    device: 'nvidia-h100-80gb-hbm3',
    description: 'NVIDIA: 550.54.15',
    isFallbackAdapter: false,
  };

  it('is named with its driver', () => {
    expect(nameOf(card)).toBe('nvidia-h100-80gb-hbm3 (NVIDIA: 550.54.15)');
    expect(nameOf({ ...card, device: '', description: '' })).toBe('hopper');
    expect(nameOf({ ...card, device: '', architecture: '', vendor: '', description: '' })).toBe('an unnamed GPU');
  });

  it('is said to be a software rasteriser where it is one, whether or not it says so itself', () => {
    expect(nameOf({ ...card, isFallbackAdapter: true })).toContain('a software rasteriser, not a GPU');
    const lavapipe = { ...card, device: 'llvmpipe (LLVM 15.0.6, 256 bits)', description: 'llvmpipe' };
    expect(nameOf(lavapipe)).toContain('a software rasteriser, not a GPU');
  });

  // The least of WebGPU's specification, section 3.6.2.
  const least = {
    maxComputeInvocationsPerWorkgroup: 256,
    maxComputeWorkgroupSizeX: 256,
    maxComputeWorkgroupsPerDimension: 65_535,
    maxComputeWorkgroupStorageSize: 16_384,
    maxStorageBuffersPerShaderStage: 8,
    maxUniformBufferBindingSize: 65_536,
    maxStorageBufferBindingSize: 134_217_728,
    maxBufferSize: 268_435_456,
  };

  it('is large enough where it has what WebGPU promises, and not where it cannot compute', () => {
    expect(limitTooSmall(least)).toBeNull();
    expect(limitTooSmall({ ...least, maxComputeInvocationsPerWorkgroup: 0 })).toBe(
      'allows a maxComputeInvocationsPerWorkgroup of 0, and sums take 256: use another GPU or driver.',
    );
  });

  it.skipIf(process.platform !== 'linux')('that is missing is said to be, with what to install', async () => {
    const script = `
      import { openWebgpuEngine } from ${JSON.stringify(fileURLToPath(new URL('./index.ts', import.meta.url)))};
      console.log(JSON.stringify(await openWebgpuEngine()));`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--conditions=source', '--import', import.meta.resolve('tsx'), '--input-type=module', '--eval', script],
      { env: { ...process.env, VK_ICD_FILENAMES: '/no/driver.json', VK_DRIVER_FILES: '/no/driver.json' } },
    );
    expect(JSON.parse(stdout)).toEqual({ name: 'webgpu', missing: expect.stringContaining('libvulkan1') });
  });
});

/** Finds a GPU: Dawn for Node (the package `webgpu`) on whatever driver the machine has. */
import type { EngineMissing } from './missing.ts';
import { mayHaveVulkanDriver } from './vulkan-drivers.ts';

export interface OpenDevice {
  readonly device: GPUDevice;
  /** For people. */
  readonly name: string;
  /** Bytes of one buffer that a shader can see whole. */
  readonly largestBinding: number;
}

/**
 * One for the process, kept until it ends: the process crashes, or waits for ever, where the garbage collector takes Dawn before a device
 * that it made, destroyed or not.
 */
let dawn: GPU | null = null;

export async function openDevice(): Promise<OpenDevice | EngineMissing> {
  const loaded = await loadDawn();
  if ('missing' in loaded) return loaded;
  if (!mayHaveVulkanDriver()) return missing(noAdapter);
  try {
    dawn ??= loaded.create([]);
    return await openWith(dawn);
  } catch (error) {
    return missing(`Dawn did not start: ${messageOf(error)}`);
  }
}

async function openWith(gpu: GPU): Promise<OpenDevice | EngineMissing> {
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) return missing(noAdapter);
  const small = limitTooSmall(adapter.limits);
  if (small !== null) return missing(`${nameOf(adapter.info)} ${small}`);
  const { maxStorageBufferBindingSize, maxBufferSize } = adapter.limits;
  try {
    const device = await adapter.requestDevice({ requiredLimits: { maxStorageBufferBindingSize, maxBufferSize } });
    const largestBinding = Math.min(maxStorageBufferBindingSize, maxBufferSize);
    return { device, name: nameOf(adapter.info), largestBinding };
  } catch (error) {
    return missing(`${nameOf(adapter.info)} was found but did not open: ${messageOf(error)}`);
  }
}

async function loadDawn(): Promise<typeof import('webgpu') | EngineMissing> {
  try {
    return await import('webgpu');
  } catch (error) {
    const absent = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
    return missing(
      absent
        ? 'The package `webgpu` (Dawn for Node) is not installed. Install it beside the coordinator: npm install webgpu'
        : `The package \`webgpu\` (Dawn for Node) does not load on ${process.platform} ${process.arch}: ${messageOf(error)}`,
    );
  }
}

const noAdapter =
  'No GPU with a driver was found. On Linux it takes Vulkan: the loader (Debian: libvulkan1) and the driver of the GPU (NVIDIA: the ' +
  'driver with its Vulkan part; AMD and Intel: mesa-vulkan-drivers); in a container also the GPU itself, and for NVIDIA ' +
  'NVIDIA_DRIVER_CAPABILITIES=all. `vulkaninfo --summary` shows what Vulkan finds.';

/** What the shaders take. */
const leastLimits = {
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupSizeX: 256,
  maxComputeWorkgroupsPerDimension: 65_535,
  maxComputeWorkgroupStorageSize: 16_384,
  maxStorageBuffersPerShaderStage: 4,
  maxUniformBufferBindingSize: 16_384,
  maxStorageBufferBindingSize: 2 ** 24,
  maxBufferSize: 2 ** 24,
} as const;

/** What an adapter lacks; null where it has all. An adapter that cannot compute has zeros here. */
export function limitTooSmall(limits: { readonly [name in keyof typeof leastLimits]: number }): string | null {
  for (const name of Object.keys(leastLimits) as (keyof typeof leastLimits)[]) {
    if (limits[name] < leastLimits[name]) {
      return `allows a ${name} of ${limits[name]}, and sums take ${leastLimits[name]}: use another GPU or driver.`;
    }
  }
  return null;
}

/** What Dawn calls an adapter, as it is printed. */
export function nameOf(
  info: Pick<GPUAdapterInfo, 'vendor' | 'architecture' | 'device' | 'description' | 'isFallbackAdapter'>,
): string {
  const device = info.device || info.architecture || info.vendor || 'an unnamed GPU';
  const name = info.description && info.description !== device ? `${device} (${info.description})` : device;
  const software = info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|basic render/i.test(name);
  return software ? `${name}: a software rasteriser, not a GPU` : name;
}

const missing = (reason: string): EngineMissing => ({ name: 'webgpu', missing: reason });
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

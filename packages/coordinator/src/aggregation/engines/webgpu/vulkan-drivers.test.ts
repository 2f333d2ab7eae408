import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { mayHaveVulkanDriver } from './vulkan-drivers.ts';

const home = mkdtempSync(join(tmpdir(), 'tributary-drivers-'));
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe('a Vulkan driver', () => {
  it('may be there where the loader is told of one, or finds its description', () => {
    for (const name of ['VK_ICD_FILENAMES', 'VK_DRIVER_FILES', 'VK_ADD_DRIVER_FILES']) {
      expect(mayHaveVulkanDriver({ [name]: '/a/driver.json' }, 'linux')).toBe(true);
    }
    const folder = join(home, 'vulkan/icd.d');
    mkdirSync(folder, { recursive: true });
    const before = mayHaveVulkanDriver({}, 'linux');
    expect(mayHaveVulkanDriver({ XDG_DATA_HOME: home }, 'linux')).toBe(before);
    writeFileSync(join(folder, 'gpu_icd.x86_64.json'), '{}');
    expect(mayHaveVulkanDriver({ XDG_DATA_HOME: home }, 'linux')).toBe(true);
  });

  it('is no question where GPUs are not reached by Vulkan', () => {
    expect(mayHaveVulkanDriver({}, 'darwin')).toBe(true);
    expect(mayHaveVulkanDriver({}, 'win32')).toBe(true);
  });
});

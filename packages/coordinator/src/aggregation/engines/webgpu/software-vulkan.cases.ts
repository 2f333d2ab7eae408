/**
 * A GPU for tests. A real one's driver wins; else SwiftShader, a software rasteriser that comes with Debian's Chromium, by way of the
 * Vulkan loader. Both are looked for before Dawn is loaded, which reads the environment once.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineMissing } from './missing.ts';
import { type OpenDevice, openDevice } from './open-device.ts';

const library = '/usr/lib/chromium/libvk_swiftshader.so';
const driverFolders = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d', '/usr/local/share/vulkan/icd.d'];
const hasDriver = () => driverFolders.some((folder) => existsSync(folder) && readdirSync(folder).length > 0);

/** Names SwiftShader to the Vulkan loader, where it is there and no driver is. */
export function offerSoftwareVulkan(): void {
  if (process.env.VK_ICD_FILENAMES !== undefined || !existsSync(library) || hasDriver()) return;
  const folder = mkdtempSync(join(tmpdir(), 'tributary-vulkan-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'swiftshader.json');
  writeFileSync(
    file,
    JSON.stringify({ file_format_version: '1.0.0', ICD: { library_path: library, api_version: '1.0.5' } }),
  );
  process.env.VK_ICD_FILENAMES = file;
}

export async function openAnyDevice(): Promise<OpenDevice | EngineMissing> {
  offerSoftwareVulkan();
  return openDevice();
}

/**
 * Whether the machine has a Vulkan driver at all. Dawn and the loader write warnings on standard error where they find none, which is no
 * warning on a machine that never had a GPU.
 */
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Variables by which the loader is told of drivers (Khronos, "Vulkan loader and driver interfaces"). */
const variables = ['VK_DRIVER_FILES', 'VK_ADD_DRIVER_FILES', 'VK_ICD_FILENAMES'];

/** Folders in which the loader looks for drivers' descriptions on Linux. */
export function driverFolders(env: NodeJS.ProcessEnv): readonly string[] {
  const home = homedir();
  const listed = (value: string | undefined, byDefault: string) => (value || byDefault).split(':');
  return [
    ...listed(env.XDG_CONFIG_HOME, join(home, '.config')),
    ...listed(env.XDG_CONFIG_DIRS, '/etc/xdg'),
    '/usr/local/etc',
    '/etc',
    ...listed(env.XDG_DATA_HOME, join(home, '.local/share')),
    ...listed(env.XDG_DATA_DIRS, '/usr/local/share:/usr/share'),
  ].map((folder) => join(folder, 'vulkan/icd.d'));
}

/** @returns true wherever it cannot be told without asking the loader */
export function mayHaveVulkanDriver(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): boolean {
  if (platform !== 'linux') return true;
  if (variables.some((name) => env[name])) return true;
  return driverFolders(env).some((folder) => existsSync(folder) && readdirSync(folder).length > 0);
}

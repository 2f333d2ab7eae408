import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes of an encoder folder's weights, of all shards where there are several. */
export async function weightBytes(folder: string): Promise<number> {
  const names = await readdir(folder);
  const whole = names.filter((name) => name === 'model.safetensors');
  const files = whole.length > 0 ? whole : names.filter((name) => name.endsWith('.safetensors'));
  const sizes = await Promise.all(files.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

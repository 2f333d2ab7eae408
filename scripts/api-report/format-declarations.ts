/** Wraps declarations as the rest of the project is formatted, in one run of Biome for all of them. */
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';

const marker = '// ---- declaration';

/** @param root the folder of biome.json */
export function formatDeclarations(texts: readonly string[], root: string): readonly string[] {
  const biome = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome');
  const formatted = execFileSync(process.execPath, [biome, 'format', '--stdin-file-path=api.d.ts'], {
    cwd: root,
    input: texts.map((text) => `${marker}\n${text}\n`).join(''),
    encoding: 'utf8',
    maxBuffer: 64 * 2 ** 20,
  });
  const parts = formatted.split(`${marker}\n`).slice(1);
  if (parts.length !== texts.length) throw new Error('Biome has not kept the declarations apart.');
  return parts.map((part) => part.trim());
}

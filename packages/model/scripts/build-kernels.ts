/**
 * Compiles assembly/*.ts (AssemblyScript) to WebAssembly with 128-bit SIMD and keeps the bytes as TypeScript modules, so that
 * nothing has to be fetched or built where the package is used. A test compiles again and compares.
 *
 *   npx tsx packages/model/scripts/build-kernels.ts
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const folder = fileURLToPath(new URL('..', import.meta.url));

export interface Kernel {
  /** Relative to the package. */
  readonly source: string;
  readonly target: string;
}

export const kernels: readonly Kernel[] = [
  { source: 'assembly/implicit-als.ts', target: 'src/recommender/implicit-als/implicit-als.wasm.ts' },
];

/** The TypeScript module that holds the compiled bytes. @throws Error with the compiler's messages */
export async function compileKernel({ source }: Kernel): Promise<string> {
  const scratch = await mkdtemp(join(tmpdir(), 'kernels-'));
  try {
    const out = join(scratch, 'kernel.wasm');
    const flags = ['--runtime', 'stub', '--enable', 'simd', '-O3', '--noAssert', '--baseDir', folder];
    const { error, stderr } = await asc.main([source, ...flags, '-o', out]);
    if (error) throw new Error(`${source} does not compile: ${error.message}\n${stderr.toString()}`);
    const base64 = (await readFile(out)).toString('base64');
    const lines = base64.match(/.{1,110}/g) ?? [];
    return [
      `// Made from ${source} by scripts/build-kernels.ts; do not edit.`,
      'export const bytes =',
      `${lines.map((line) => `  '${line}'`).join(' +\n')};`,
      '',
    ].join('\n');
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  for (const kernel of kernels) {
    await writeFile(join(folder, kernel.target), await compileKernel(kernel));
    console.log(kernel.target);
  }
}

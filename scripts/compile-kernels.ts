/**
 * Compiles a package's assembly/*.ts (AssemblyScript) to WebAssembly with 128-bit SIMD and keeps the bytes as TypeScript modules,
 * so that nothing has to be fetched or built where the package is used. A test beside each list compiles again and compares.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';

export interface Kernel {
  /** Relative to the package's folder. */
  readonly source: string;
  readonly target: string;
  /** Flags of the compiler beside the common ones. */
  readonly flags?: readonly string[];
}

const commonFlags = ['--runtime', 'stub', '--enable', 'simd', '-O3', '--noAssert'];

/** The TypeScript module that holds the compiled bytes. @throws Error with the compiler's messages */
export async function compileKernel(folder: string, { source, flags = [] }: Kernel): Promise<string> {
  const scratch = await mkdtemp(join(tmpdir(), 'kernels-'));
  try {
    const out = join(scratch, 'kernel.wasm');
    const { error, stderr } = await asc.main([source, ...commonFlags, ...flags, '--baseDir', folder, '-o', out]);
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

/** Compiles and writes all of a package's kernels. */
export async function writeKernels(folder: string, kernels: readonly Kernel[]): Promise<void> {
  for (const kernel of kernels) {
    await writeFile(join(folder, kernel.target), await compileKernel(folder, kernel));
    console.log(kernel.target);
  }
}

/**
 * This package's kernels. To compile them:
 *
 *   npx -y pnpm@10 --filter @tributary/privacy run kernels
 */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Kernel, writeKernels } from '../../../scripts/compile-kernels.ts';

export const folder = fileURLToPath(new URL('..', import.meta.url));

export const kernels: readonly Kernel[] = [
  { source: 'assembly/extraction.ts', target: 'src/masking/extraction.wasm.ts', flags: ['--importMemory'] },
  {
    source: 'assembly/extraction.ts',
    target: 'src/masking/shared/extraction-shared.wasm.ts',
    flags: ['--importMemory', '--enable', 'threads', '--sharedMemory', '--maximumMemory', '65536'],
  },
  { source: 'assembly/masking.ts', target: 'src/masking/masking.wasm.ts', flags: ['--importMemory'] },
];

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) await writeKernels(folder, kernels);

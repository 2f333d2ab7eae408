/**
 * This package's kernels. To compile them:
 *
 *   npx -y pnpm@10 --filter @tributary/model run kernels
 */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Kernel, writeKernels } from '../../../scripts/compile-kernels.ts';

export const folder = fileURLToPath(new URL('..', import.meta.url));

export const kernels: readonly Kernel[] = [
  { source: 'assembly/implicit-als.ts', target: 'src/recommender/implicit-als/implicit-als.wasm.ts' },
];

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) await writeKernels(folder, kernels);

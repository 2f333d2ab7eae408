import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as coordinator from '../../packages/coordinator/scripts/build-kernels.ts';
import * as model from '../../packages/model/scripts/build-kernels.ts';
import * as privacy from '../../packages/privacy/scripts/build-kernels.ts';
import { compileKernel } from '../../scripts/compile-kernels.ts';

const kernels = [coordinator, model, privacy].flatMap(({ folder, kernels: own }) =>
  own.map((kernel) => ({ folder, ...kernel })),
);

describe('the committed WebAssembly', () => {
  it.each(kernels)('of $target is what $source compiles to', async ({ folder, ...kernel }) => {
    expect(await readFile(join(folder, kernel.target), 'utf8')).toBe(await compileKernel(folder, kernel));
  });
});

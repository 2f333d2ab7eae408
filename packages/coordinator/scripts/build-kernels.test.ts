import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { compileKernel, kernels } from './build-kernels.ts';

describe('the committed kernels', () => {
  it.each(kernels)('are what $source compiles to', async (kernel) => {
    const committed = await readFile(new URL(`../${kernel.target}`, import.meta.url), 'utf8');
    expect(await compileKernel(kernel)).toBe(committed);
  });
});

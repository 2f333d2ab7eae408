import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { enginesProblems } from '../../scripts/engines.ts';

describe('direct dependencies', () => {
  it('all run on the oldest Node that we promise', () => {
    expect(enginesProblems(fileURLToPath(new URL('../..', import.meta.url)))).toEqual([]);
  });
});

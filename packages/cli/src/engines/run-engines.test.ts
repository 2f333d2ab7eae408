import type { ProbedEngine } from '@tributary/coordinator/aggregation';
import { describe, expect, it } from 'vitest';
import { run } from '../run.ts';
import { enginesText } from './run-engines.ts';

async function ran(...commandLine: string[]) {
  const text = { out: '', error: '' };
  const into = (name: 'out' | 'error') => ({
    write: (part: string) => {
      text[name] += part;
    },
  });
  const code = await run(commandLine, {
    env: {},
    signal: new AbortController().signal,
    streams: { out: into('out'), error: into('error') },
  });
  return { code, ...text };
}

describe('tributary engines', () => {
  it('lists every engine with its device, or why it is not there', async () => {
    const { code, out } = await ran('engines', '--no-benchmark', '--json');
    expect(code).toBe(0);
    const engines = JSON.parse(out) as ProbedEngine[];
    expect(engines.map(({ name }) => name)).toEqual(['cpu', 'webgpu', 'tensorflow']);
    for (const engine of engines) {
      expect(Object.keys(engine)).toEqual(['name', 'available', 'reason', 'device', 'benchmark']);
      expect(engine.available).toBe(engine.reason === null);
      expect(engine.benchmark).toBeNull();
    }
    expect(engines[0]).toMatchObject({ available: true, device: expect.stringContaining('thread') });
  });

  it('times those that are there', async () => {
    const { code, out } = await ran('engines', '--json');
    expect(code).toBe(0);
    const positive = expect.toSatisfy((speed: number) => speed > 0);
    expect((JSON.parse(out) as ProbedEngine[])[0].benchmark).toEqual({
      keystream: positive,
      packed: positive,
      float: positive,
    });
  });

  it('has a table for people on standard output', async () => {
    const { code, out, error } = await ran('engines', '--no-benchmark');
    expect(code).toBe(0);
    expect(out).toMatch(/^engine +available +device\n[- ]+\ncpu +yes /);
    expect(error).toBe('');
  });
});

describe('the table', () => {
  const engines: readonly ProbedEngine[] = [
    {
      name: 'cpu',
      available: true,
      reason: null,
      device: 'AMD EPYC, 2 threads',
      benchmark: { keystream: 1.2345, packed: 6.1, float: 9.87654 },
    },
    { name: 'webgpu', available: false, reason: 'No GPU.\nInstall one.', device: null, benchmark: null },
    {
      name: 'tensorflow',
      available: true,
      reason: null,
      device: 'TensorFlow on a GPU',
      benchmark: { keystream: null, packed: null, float: 61.5 },
    },
  ];

  it('has a line for each engine, a dash where it has no such sums, and reasons below', () => {
    expect(enginesText(engines, true)).toBe(`\
engine      available  keystream GB/s  packed GB/s  float GB/s  device
----------  ---------  --------------  -----------  ----------  -------------------
cpu         yes                  1.23         6.10        9.88  AMD EPYC, 2 threads
webgpu      no                      –            –           –  –
tensorflow  yes                     –            –        61.5  TensorFlow on a GPU

webgpu: No GPU. Install one.`);
  });

  it('has no figures without a benchmark', () => {
    expect(enginesText(engines, false)).toContain('engine      available  device\n');
  });
});

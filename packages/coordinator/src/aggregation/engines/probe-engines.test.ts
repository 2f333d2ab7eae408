import { describe, expect, it } from 'vitest';
import { openCpuEngine } from './cpu/cpu-engine.ts';
import type { AggregationEngine, EngineName } from './engine.ts';
import { EngineError } from './engine-error.ts';
import { createEngineOpener, fastestOf } from './open-engine.ts';
import type { EngineOpeners } from './openers.ts';
import { type ProbedEngine, probeEngines } from './probe-engines.ts';

const cpu = async () => openCpuEngine({ threads: 0 });
const absent = async (): Promise<AggregationEngine> => {
  throw new EngineError('missing', 'No GPU was found. Install a driver.');
};

/** The cpu engine, its keystreams added with the other sign. */
async function wrongCpu(): Promise<AggregationEngine> {
  const engine = await cpu();
  return {
    ...engine,
    async openModularSum(sections) {
      const sum = engine.createModularSum(sections);
      return { ...sum, addKeystream: (seed, sign) => sum.addKeystream(seed, sign === 1 ? -1 : 1) };
    },
  };
}

/** The cpu engine without rounding between product and sum. */
async function fusedCpu(): Promise<AggregationEngine> {
  const engine = await cpu();
  return {
    ...engine,
    async openFloatSum(length) {
      const values = new Float32Array(length);
      const add = (vector: Float32Array, weight: number) => {
        for (let i = 0; i < length; i++) values[i] += weight * vector[i];
      };
      return { ...engine.createFloatSum(length), add, finish: async () => values };
    },
  };
}

const probed = (name: EngineName, keystream: number | null): ProbedEngine => ({
  name,
  available: true,
  reason: null,
  device: name,
  benchmark: { keystream, packed: null, float: null },
});

describe('probing engines', () => {
  it('says of each engine here that it is there and how fast, or why it is not', async () => {
    const engines = await probeEngines();
    expect(engines.map(({ name }) => name)).toEqual(['cpu', 'webgpu', 'tensorflow']);
    expect(engines[0].available).toBe(true);
    for (const { name, available, reason, device, benchmark } of engines) {
      if (!available) {
        expect(reason.length).toBeGreaterThan(20);
        continue;
      }
      expect(device.length).toBeGreaterThan(0);
      expect(benchmark?.float).toBeGreaterThan(0);
      if (name === 'tensorflow') expect(benchmark).toMatchObject({ keystream: null, packed: null });
      else expect([benchmark?.keystream, benchmark?.packed].every((speed) => speed && speed > 0)).toBe(true);
    }
  });

  it('times what was asked for alone', async () => {
    const none = await probeEngines({ names: ['cpu'], benchmark: [] });
    expect(none).toEqual([{ name: 'cpu', available: true, reason: null, device: expect.any(String), benchmark: null }]);
    const [{ benchmark }] = await probeEngines({ names: ['cpu'], benchmark: ['packed'] });
    expect(benchmark).toEqual({ keystream: null, packed: expect.any(Number), float: null });
  });

  it('gives the reason of one that is not there', async () => {
    const [engine] = await probeEngines({ names: ['webgpu'], openers: { cpu, webgpu: absent, tensorflow: absent } });
    const reason = 'No GPU was found. Install a driver.';
    expect(engine).toEqual({ name: 'webgpu', available: false, reason, device: null, benchmark: null });
  });

  it.each([
    ['keystreams', wrongCpu],
    ['float32 vectors', fusedCpu],
  ])('finds out one that adds %s wrongly', async (_, webgpu) => {
    const [engine] = await probeEngines({ names: ['webgpu'], openers: { cpu, webgpu, tensorflow: absent } });
    expect(engine).toMatchObject({ available: false, reason: expect.stringContaining('adds wrongly') });
  });
});

describe('opening an engine', () => {
  /** Openers that count. */
  function counting(openers: Omit<EngineOpeners, 'tensorflow'>) {
    const opened: EngineName[] = [];
    const counted =
      (name: EngineName, open: () => Promise<AggregationEngine>): (() => Promise<AggregationEngine>) =>
      () => {
        opened.push(name);
        return open();
      };
    const open = createEngineOpener({
      cpu: counted('cpu', openers.cpu),
      webgpu: counted('webgpu', openers.webgpu),
      tensorflow: counted('tensorflow', absent),
    });
    return { open, opened };
  }

  it('takes the one that was named, or none', async () => {
    const { open, opened } = counting({ cpu, webgpu: absent });
    const engine = await open('cpu');
    expect(engine.name).toBe('cpu');
    await engine.close();
    await expect(open('webgpu')).rejects.toMatchObject({ name: 'EngineError', code: 'missing' });
    expect(opened).toEqual(['cpu', 'webgpu']);
  });

  it('refuses one that was named and adds wrongly', async () => {
    const { open } = counting({ cpu, webgpu: wrongCpu });
    await expect(open('webgpu')).rejects.toMatchObject({
      code: 'missing',
      message: expect.stringContaining('wrongly'),
    });
  });

  it('probes once for the fastest, however often it is asked', async () => {
    const { open, opened } = counting({ cpu, webgpu: absent });
    for (let i = 0; i < 3; i++) {
      const engine = await open('auto');
      expect(engine.name).toBe('cpu');
      await engine.close();
    }
    expect(opened).toEqual(['cpu', 'webgpu', 'cpu', 'cpu', 'cpu']);
  });

  it('probes again after the chosen one could not be opened', async () => {
    let calls = 0;
    // Once for the probe; then it goes away, and comes back.
    const comesAndGoes = () => {
      calls += 1;
      return calls === 2 ? absent() : cpu();
    };
    const { open, opened } = counting({ cpu: comesAndGoes, webgpu: absent });
    await expect(open('auto')).rejects.toMatchObject({ code: 'missing' });
    await (await open('auto')).close();
    expect(opened).toEqual(['cpu', 'webgpu', 'cpu', 'cpu', 'webgpu', 'cpu']);
  });
});

describe('the fastest engine', () => {
  it('is the one with the fastest keystreams, and cpu where none was timed', () => {
    expect(fastestOf([probed('cpu', 1.2), probed('webgpu', 40)])).toBe('webgpu');
    expect(fastestOf([probed('cpu', 1.2), probed('webgpu', 0.05)])).toBe('cpu');
    expect(fastestOf([probed('tensorflow', null), probed('cpu', null)])).toBe('cpu');
    expect(fastestOf([])).toBe('cpu');
  });
});

import { afterAll, describe, expect, it } from 'vitest';
import { openCpuEngine } from './cpu/cpu-engine.ts';
import { type Addition, addTo, expectedSum, expectSame } from './drawn-sums.cases.ts';
import type { ModularSum } from './engine.ts';
import { EngineError, type EngineErrorCode } from './engine-error.ts';
import { createFallbackSum } from './fallback-sum.ts';

const engine = openCpuEngine({ threads: 0 });
afterAll(() => engine.close());

const sections = [
  { length: 801, bits: 19 },
  { length: 7, bits: 32 },
];
const additions: Addition[] = [
  { kind: 'packed', from: 1 },
  ...Array.from({ length: 9 }, (_, from): Addition => ({ kind: 'keystream', from, sign: from % 2 === 0 ? 1 : -1 })),
  { kind: 'packed', from: 2 },
];

/** An engine's sum that fails at its k-th keystream, or at its end; a real one until then. */
function failingAt(call: number | 'finish' | 'open' | 'never', code: EngineErrorCode) {
  const failures: EngineErrorCode[] = [];
  const seeds: Uint8Array[] = [];
  let calls = 0;
  const failure = () => new EngineError(code, 'The device went away.');
  const open = async (): Promise<ModularSum> => {
    if (call === 'open') throw failure();
    const sum = engine.createModularSum(sections);
    return {
      ...sum,
      async addKeystream(seed, sign) {
        seeds.push(seed);
        calls += 1;
        if (calls === call) throw failure();
        await sum.addKeystream(seed, sign);
      },
      async finish() {
        if (call === 'finish') throw failure();
        return sum.finish();
      },
    };
  };
  const sum = createFallbackSum({
    host: engine.createModularSum(sections),
    device: { name: 'webgpu', open },
    leastBytes: 0,
    onFallback: (error) => failures.push(error.code),
  });
  return { sum, failures, seeds };
}

describe('a sum whose keystreams a device expands', () => {
  it('is the same sum, and names the device', async () => {
    const { sum, failures, seeds } = failingAt('never', 'lost');
    for (let round = 0; round < 2; round++) {
      await addTo(sum, additions);
      expectSame(await sum.finish(), expectedSum(sections, additions));
      expect(sum.engine).toBe('webgpu');
      sum.reset();
    }
    expect(failures).toEqual([]);
    // What was kept to be expanded again is wiped.
    expect(seeds).toHaveLength(18);
    expect(seeds.every((seed) => seed.every((byte) => byte === 0))).toBe(true);
  });

  it.each([
    ['open', 'out-of-memory'],
    ['open', 'missing'],
    ['open', 'beyond-limits'],
    [1, 'lost'],
    [5, 'out-of-memory'],
    [9, 'lost'],
    ['finish', 'lost'],
    // By another task, which opened the device again.
    [4, 'closed'],
    ['finish', 'closed'],
  ] as const)('has the same bits when the device fails (%s: %s)', async (call, code) => {
    const { sum, failures, seeds } = failingAt(call, code);
    await addTo(sum, additions);
    expectSame(await sum.finish(), expectedSum(sections, additions));
    expect(sum.engine).toBe('cpu');
    expect(failures).toEqual([code]);
    expect(seeds.every((seed) => seed.every((byte) => byte === 0))).toBe(true);
    await sum.close();
  });

  it('leaves what is too little for a device to the host', async () => {
    const sum = createFallbackSum({
      host: engine.createModularSum(sections),
      device: {
        name: 'webgpu',
        open: () => {
          throw new TypeError('It was not to be asked.');
        },
      },
      leastBytes: 1e6,
      onFallback: () => {},
    });
    await addTo(sum, additions);
    expectSame(await sum.finish(), expectedSum(sections, additions));
    expect(sum.engine).toBe('cpu');
  });

  it('asks the device again for the next sum', async () => {
    const { sum, failures } = failingAt(3, 'out-of-memory');
    await addTo(sum, additions);
    await sum.finish();
    sum.reset();
    await addTo(sum, additions);
    expectSame(await sum.finish(), expectedSum(sections, additions));
    expect(sum.engine).toBe('webgpu');
    expect(failures).toEqual(['out-of-memory']);
  });

  it('falls back from whatever a device throws, whose words it does not repeat', async () => {
    const failures: string[] = [];
    const sum = createFallbackSum({
      host: engine.createModularSum(sections),
      device: { name: 'webgpu', open: () => Promise.reject(new TypeError('The shader does not compile.')) },
      leastBytes: 0,
      onFallback: ({ code, message }) => failures.push(`${code}: ${message}`),
    });
    await addTo(sum, additions);
    expectSame(await sum.finish(), expectedSum(sections, additions));
    expect(failures).toEqual(['lost: The device failed with an error of its own (TypeError).']);
  });

  it('holds nothing of a sum that was reset while its device opened, and closes what opens after its own close', async () => {
    let opened: (sum: ModularSum) => void = () => {};
    const closes: number[] = [];
    const sum = createFallbackSum({
      host: engine.createModularSum(sections),
      device: {
        name: 'webgpu',
        open: () =>
          new Promise((resolve) => {
            opened = resolve;
          }),
      },
      leastBytes: 0,
      onFallback: () => {},
    });
    const remote = () => ({ ...engine.createModularSum(sections), close: async () => void closes.push(1) });
    const first = sum.addKeystream(new Uint8Array(32), 1);
    sum.reset();
    opened(remote());
    await first;
    expectSame(await sum.finish(), expectedSum(sections, []));
    expect(closes).toHaveLength(1);
    sum.reset();
    const second = sum.addKeystream(new Uint8Array(32), 1);
    await sum.close();
    opened(remote());
    await second;
    expect(closes).toHaveLength(2);
  });

  it.each(['reset', 'close'] as const)('is nobody’s when a %s comes while it is finished', async (end) => {
    let answer: () => void = () => {};
    const sum = createFallbackSum({
      host: engine.createModularSum(sections),
      device: {
        name: 'webgpu',
        async open() {
          const remote = engine.createModularSum(sections);
          return {
            ...remote,
            finish: () =>
              new Promise((resolve) => {
                answer = () => resolve(remote.finish());
              }),
            // As a device that goes on with what it has.
            reset: () => {},
            close: async () => {},
          };
        },
      },
      leastBytes: 0,
      onFallback: () => {},
    });
    await addTo(sum, additions);
    const first = sum.finish();
    await sum[end]();
    answer();
    await expect(first).rejects.toMatchObject({ code: 'closed' });
    if (end === 'close') return;
    await addTo(sum, [{ kind: 'packed', from: 5 }]);
    expectSame(await sum.finish(), expectedSum(sections, [{ kind: 'packed', from: 5 }]));
  });

  it('is closed for good', async () => {
    const { sum } = failingAt('never', 'lost');
    await sum.close();
    await expect(sum.addKeystream(new Uint8Array(32), 1)).rejects.toMatchObject({ code: 'closed' });
  });
});

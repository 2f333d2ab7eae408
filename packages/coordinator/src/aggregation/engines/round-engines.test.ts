import { describe, expect, it } from 'vitest';
import { openCpuEngine } from './cpu/cpu-engine.ts';
import { type Addition, addTo, expectedSum, expectSame } from './drawn-sums.cases.ts';
import type { AggregationEngine } from './engine.ts';
import { EngineError } from './engine-error.ts';
import { createRoundEngines } from './round-engines.ts';

const sections = [{ length: 500, bits: 20 }];
const additions: Addition[] = [
  { kind: 'packed', from: 1 },
  { kind: 'keystream', from: 2, sign: 1 },
  { kind: 'keystream', from: 3, sign: -1 },
];

/** A device that can be lost, and counts how often it was closed. */
function losable(): { readonly engine: AggregationEngine; lose(): void; readonly closes: () => number } {
  const inner = openCpuEngine({ threads: 0 });
  let lost = false;
  let closes = 0;
  const check = () => {
    if (lost) throw new EngineError('lost', 'The device went away.');
  };
  return {
    engine: {
      ...inner,
      name: 'webgpu',
      device: 'a card',
      async openModularSum(of) {
        check();
        const sum = await inner.openModularSum(of);
        return {
          ...sum,
          async addKeystream(seed, sign) {
            check();
            await sum.addKeystream(seed, sign);
          },
        };
      },
      async close() {
        closes += 1;
        await inner.close();
      },
    },
    lose() {
      lost = true;
    },
    closes: () => closes,
  };
}

describe('the engines of a coordinator', () => {
  it('have a lost device again after the round that found it lost, once for all tasks, whose sums are whole throughout', async () => {
    const devices = [losable(), losable()];
    const failures: string[] = [];
    let opened = 0;
    const engines = createRoundEngines({
      engine: devices[0].engine,
      leastBytes: 0,
      threads: 0,
      async reopen() {
        opened += 1;
        return devices[opened].engine;
      },
      onFallback: ({ code }) => failures.push(code),
    });
    expect(engines.chosen).toEqual({ name: 'webgpu', device: 'a card' });
    const tasks = [
      engines.createModularSum(sections),
      engines.createModularSum(sections),
      engines.createModularSum(sections),
    ];
    const round = async (sum: (typeof tasks)[number]) => {
      await addTo(sum, additions);
      expectSame(await sum.finish(), expectedSum(sections, additions));
      const { engine } = sum;
      sum.reset();
      return engine;
    };
    for (const task of tasks) expect(await round(task)).toBe('webgpu');
    devices[0].lose();
    // The first finds it lost; the others have sums on what it was, which is closed under them when it is opened again.
    expect(await round(tasks[0])).toBe('cpu');
    expect(await Promise.all([round(tasks[0]), round(tasks[1]), round(tasks[2])])).toEqual(['webgpu', 'cpu', 'cpu']);
    expect(await Promise.all(tasks.map(round))).toEqual(['webgpu', 'webgpu', 'webgpu']);
    expect(opened).toBe(1);
    expect(devices[0].closes()).toBe(1);
    await engines.close();
    expect(devices.map(({ closes }) => closes())).toEqual([1, 1]);
    expect(new Set(failures)).toContain('lost');
  });

  it('close a device that opens after they were closed', async () => {
    const [first, second] = [losable(), losable()];
    let arrive: () => void = () => {};
    const engines = createRoundEngines({
      engine: first.engine,
      leastBytes: 0,
      threads: 0,
      reopen: () =>
        new Promise((resolve) => {
          arrive = () => resolve(second.engine);
        }),
    });
    const sum = engines.createModularSum(sections);
    first.lose();
    await addTo(sum, additions);
    sum.reset();
    const adding = addTo(sum, additions).catch(() => {});
    await engines.close();
    arrive();
    await adding;
    expect(second.closes()).toBe(1);
  });
});

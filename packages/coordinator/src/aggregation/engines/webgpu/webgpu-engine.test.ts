import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it } from 'vitest';
import { type Addition, addTo, expectedSum, expectSame, floatsOf, seedOf } from '../drawn-sums.cases.ts';
import type { AggregationEngine, SumSection } from '../engine.ts';
import { describeEngine } from '../engine-contract.cases.ts';
import { watchDevice } from './gpu.ts';
import type { OpenDevice } from './open-device.ts';
import { openAnyDevice } from './software-vulkan.cases.ts';
import { webgpuEngine } from './webgpu-engine.ts';

async function openDevice(): Promise<OpenDevice> {
  const opened = await openAnyDevice();
  if ('missing' in opened) throw new Error(opened.missing);
  return opened;
}

/** Counts the bytes of the buffers that are made from here on, until each is destroyed. */
function countBytes(device: GPUDevice): { readonly now: () => number; readonly most: () => number } {
  let [bytes, most] = [0, 0];
  const createBuffer = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const buffer = createBuffer(descriptor);
    let left = descriptor.size;
    bytes += left;
    most = Math.max(most, bytes);
    const destroy = buffer.destroy.bind(buffer);
    buffer.destroy = () => {
      bytes -= left;
      left = 0;
      return destroy();
    };
    return buffer;
  };
  return { now: () => bytes, most: () => most };
}

const found = await openAnyDevice();
const reason = 'missing' in found ? found.missing : null;
if (!('missing' in found)) found.device.destroy();

const lost = expect.objectContaining({ name: 'EngineError', code: 'lost' });
const sections: readonly SumSection[] = [
  { length: 3000, bits: 17 },
  { length: 3, bits: 32 },
];

describe.skipIf(reason !== null)(`WebGPU${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  const opened: AggregationEngine[] = [];
  const engineOn = (device: OpenDevice): AggregationEngine => {
    const engine = webgpuEngine(device);
    opened.push(engine);
    return engine;
  };
  afterEach(async () => {
    for (const engine of opened.splice(0)) await engine.close();
  });

  describeEngine('webgpu', async () => webgpuEngine(await openDevice()));

  it('adds in pieces what is larger than a buffer may be', async () => {
    // 16 KiB: at most 4096 elements.
    const engine = engineOn({ ...(await openDevice()), largestBinding: 2 ** 14 });
    const large = [
      { length: 20_001, bits: 11 },
      { length: 4096, bits: 32 },
      { length: 8193, bits: 25 },
    ];
    const additions: Addition[] = [
      { kind: 'packed', from: 1 },
      { kind: 'keystream', from: 2, sign: 1 },
      { kind: 'keystream', from: 3, sign: -1 },
      { kind: 'packed', from: 4 },
    ];
    const sum = await engine.openModularSum(large);
    await addTo(sum, additions);
    expectSame(await sum.finish(), expectedSum(large, additions));
    const floats = await engine.openFloatSum(9001);
    floats.add(floatsOf(9001, 5), 1);
    expect(await floats.finish()).toEqual(floatsOf(9001, 5));
  });

  it('has less than three copies of ten million parameters on the device, however many streams it adds', async () => {
    const open = await openDevice();
    const held = countBytes(open.device);
    const engine = engineOn(open);
    const large = [{ length: 10_000_000, bits: 20 }];
    const sum = await engine.openModularSum(large);
    await addTo(
      sum,
      [1, 2, 3, 4, 5, 6].map((from) => ({ kind: from < 4 ? 'packed' : 'keystream', from, sign: 1 })),
    );
    await sum.finish();
    expect(held.most()).toBeGreaterThan(40e6);
    expect(held.most()).toBeLessThan(3 * 40e6);
    await sum.close();
    // What the engine's pipelines share.
    expect(held.now()).toBeLessThan(1000);
  });

  it('says that a sum is beyond the limits of the device, and goes on', async () => {
    const engine = engineOn({ ...(await openDevice()), largestBinding: 2 ** 46 });
    const beyond = expect.objectContaining({ name: 'EngineError', code: 'beyond-limits' });
    await expect(engine.openModularSum([{ length: 2 ** 33, bits: 16 }])).rejects.toEqual(beyond);
    await expect(engine.openFloatSum(2 ** 33)).rejects.toEqual(beyond);
    const additions: Addition[] = [{ kind: 'packed', from: 1 }];
    const sum = await engine.openModularSum(sections);
    await addTo(sum, additions);
    expectSame(await sum.finish(), expectedSum(sections, additions));
  });

  it('says that the device has no memory left, gives back what it had of the sum, and goes on when there is some', async () => {
    const open = await openDevice();
    const held = countBytes(open.device);
    const engine = engineOn(open);
    // No driver here can be brought to it without taking the machine's memory: the device's answer is the test's.
    const popErrorScope = open.device.popErrorScope.bind(open.device);
    let scopes = 0;
    open.device.popErrorScope = async () => {
      const error = await popErrorScope();
      // The third allocation; the scope for memory is popped before that for validation.
      return ++scopes === 5 ? { message: 'VK_ERROR_OUT_OF_DEVICE_MEMORY' } : error;
    };
    const full = expect.objectContaining({ code: 'out-of-memory', message: expect.stringContaining('VK_ERROR_OUT') });
    await expect(engine.openModularSum(sections)).rejects.toEqual(full);
    expect(held.now()).toBeLessThan(1000);
    const additions: Addition[] = [{ kind: 'keystream', from: 1, sign: 1 }];
    const sum = await engine.openModularSum(sections);
    await addTo(sum, additions);
    expectSame(await sum.finish(), expectedSum(sections, additions));
  });

  describe('when the device is lost', () => {
    it('tells who waits for room, and who calls afterwards', async () => {
      const device = await openDevice();
      const engine = engineOn(device);
      const sum = await engine.openModularSum([{ length: 10_000, bits: 16 }]);
      const floats = await engine.openFloatSum(3);
      const all = Array.from({ length: 800 }, (_, from) => sum.addKeystream(seedOf(from), 1));
      device.device.destroy();
      const settled = await Promise.allSettled(all);
      const reasons = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
      expect(reasons.length).toBeGreaterThan(0);
      for (const why of reasons) expect(why).toEqual(lost);
      await expect(sum.addKeystream(seedOf(1), 1)).rejects.toEqual(lost);
      await expect(sum.finish()).rejects.toEqual(lost);
      expect(() => floats.add(new Float32Array(3), 1)).toThrow(lost);
      expect(() => sum.reset()).toThrow(lost);
      await expect(engine.openModularSum(sections)).rejects.toEqual(lost);
      await expect(engine.openFloatSum(1)).rejects.toEqual(lost);
      await sum.close();
    });

    it('tells who waits for a sum', async () => {
      const device = await openDevice();
      const engine = engineOn(device);
      const sum = await engine.openModularSum(sections);
      const floats = await engine.openFloatSum(3000);
      await addTo(sum, [{ kind: 'keystream', from: 1, sign: 1 }]);
      const waiting = Promise.allSettled([sum.finish(), floats.finish(), engine.openModularSum(sections)]);
      device.device.destroy();
      expect(await waiting).toEqual(Array.from({ length: 3 }, () => ({ status: 'rejected', reason: lost })));
    });

    it('leaves no failure behind that nobody waits for', async () => {
      const gpu = watchDevice(await openDevice());
      gpu.close();
      // It would end the test's process.
      const late = Promise.reject(new Error('The buffer is destroyed.'));
      await expect(gpu.orLost(late)).rejects.toMatchObject({ code: 'closed' });
    });

    it('takes an error that nothing had asked for as a loss', async () => {
      const device = await openDevice();
      const engine = engineOn(device);
      const sum = await engine.openModularSum(sections);
      // No such usage.
      device.device.createBuffer({ size: 4, usage: 2 ** 20 });
      await device.device.queue.onSubmittedWorkDone();
      await expect(sum.finish()).rejects.toEqual(lost);
    });
  });

  it('lets Node exit when it is closed, whatever the garbage collector took before', async () => {
    const script = fileURLToPath(new URL('./two-rounds.cases.ts', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [
      ...['--expose-gc', '--conditions=source', '--import', import.meta.resolve('tsx'), script],
    ]);
    expect(stdout).toBe('done\n');
  });

  it('keeps its memory over a thousand rounds', async () => {
    const engine = engineOn(await openDevice());
    setFlagsFromString('--expose-gc');
    const collect: () => void = runInNewContext('gc');
    async function rounds(count: number): Promise<void> {
      for (let round = 0; round < count; round++) {
        const sum = await engine.openModularSum([{ length: 30_000, bits: 17 }]);
        await addTo(sum, [
          { kind: 'packed', from: round },
          { kind: 'keystream', from: round, sign: -1 },
        ]);
        await sum.finish();
        await sum.close();
      }
    }
    async function memory(): Promise<{ readonly rss: number; readonly heapUsed: number }> {
      collect();
      // Finalizers run in a turn of their own.
      await new Promise(setImmediate);
      collect();
      return process.memoryUsage();
    }
    await rounds(300);
    const before = await memory();
    await rounds(700);
    const after = await memory();
    expect(after.heapUsed - before.heapUsed).toBeLessThan(2 * 2 ** 20);
    // What a sum has on the device is some 300 kB; what garbage there is goes up and down by 20 MB.
    expect(after.rss - before.rss).toBeLessThan(64 * 2 ** 20);
  });
});

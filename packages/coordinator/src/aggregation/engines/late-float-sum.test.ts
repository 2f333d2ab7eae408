import { describe, expect, it } from 'vitest';
import { addPlain } from '../plain-accumulate.ts';
import { createCpuFloatSum } from './cpu/float-sum.ts';
import { floatsOf } from './drawn-sums.cases.ts';
import type { FloatSum } from './engine.ts';
import { EngineError } from './engine-error.ts';
import { createLateFloatSum } from './late-float-sum.ts';

const length = 1003;
const vectors = Array.from({ length: 12 }, (_, from) => floatsOf(length, from));
const expected = new Float32Array(length);
for (const vector of vectors) addPlain(expected, vector, 1);
const bitsOf = (values: Float32Array) => new Uint32Array(values.slice().buffer);

/** A device that opens when it is told to, and fails at one addition. */
function device(failAt: number | null) {
  let opened: () => void = () => {};
  const ready = new Promise<void>((resolve) => {
    opened = resolve;
  });
  let calls = 0;
  const open = async (): Promise<FloatSum> => {
    await ready;
    const sum = createCpuFloatSum(length);
    return {
      ...sum,
      add(vector, weight) {
        calls += 1;
        if (calls === failAt) throw new EngineError('out-of-memory', 'No memory is left.');
        sum.add(vector, weight);
      },
    };
  };
  return { open, opened };
}

function lateSum(failAt: number | null) {
  const { open, opened } = device(failAt);
  const failures: string[] = [];
  const sum = createLateFloatSum({
    host: createCpuFloatSum(length),
    device: { name: 'tensorflow', open },
    onFallback: ({ code }) => failures.push(code),
  });
  return { sum, opened, failures };
}

describe('a float32 sum on a device that opens late', () => {
  it.each([
    [0, null],
    [1, null],
    [5, null],
    [12, null],
    // The host's part comes first, then one vector at a time.
    [3, 1],
    [3, 2],
    [0, 6],
  ])('has the same bits, whether it opens after %i vectors, or fails at its addition %s', async (before, failAt) => {
    const { sum, opened, failures } = lateSum(failAt);
    for (const [index, vector] of vectors.entries()) {
      if (index === before) {
        opened();
        // The move to the device.
        for (let turn = 0; turn < 5; turn++) await null;
      }
      const passed = vector.slice();
      sum.add(passed, 1);
      passed.fill(Number.NaN);
    }
    opened();
    expect(bitsOf(await sum.finish())).toEqual(bitsOf(expected));
    expect(failures).toEqual(failAt === null ? [] : ['out-of-memory']);
    expect(sum.engine).toBe(failAt === null ? 'tensorflow' : 'cpu');
    await sum.close();
  });

  it('closes every device that it opened, also one that takes no vector, and leaves no copy of a vector behind', async () => {
    let [opens, closes] = [0, 0];
    const copies: Float32Array[] = [];
    const sum = createLateFloatSum({
      host: createCpuFloatSum(length),
      device: {
        name: 'tensorflow',
        async open() {
          opens += 1;
          const fails = opens % 2 === 1;
          const inner = createCpuFloatSum(length);
          return {
            ...inner,
            add(vector, weight) {
              copies.push(vector);
              if (fails) throw new EngineError('out-of-memory', 'No memory is left.');
              inner.add(vector, weight);
            },
            async close() {
              closes += 1;
              await inner.close();
            },
          };
        },
      },
      onFallback: () => {},
    });
    for (let round = 0; round < 4; round++) {
      // Those after the first come while the sum moves.
      const passed = vectors.slice(0, 3).map((vector) => vector.slice());
      for (const vector of passed) sum.add(vector, 1);
      for (const vector of passed) vector.fill(0);
      await sum.finish();
      sum.reset();
    }
    await sum.close();
    expect([opens, closes]).toEqual([2, 2]);
    expect(copies.length).toBeGreaterThan(3);
    expect(copies.every((copy) => copy.every((value) => value === 0))).toBe(true);
  });

  it('is lost where the device cannot be read after it failed, and says so; the next sum is whole', async () => {
    let devices = 0;
    const sum = createLateFloatSum({
      host: createCpuFloatSum(length),
      device: {
        name: 'tensorflow',
        async open() {
          devices += 1;
          const good = createCpuFloatSum(length);
          if (devices > 1) return good;
          const lost = () => new EngineError('lost', 'The device went away.');
          let calls = 0;
          return {
            ...good,
            add(vector, weight) {
              calls += 1;
              if (calls === 3) throw lost();
              good.add(vector, weight);
            },
            finish: () => Promise.reject(lost()),
            reset: () => {
              throw lost();
            },
          };
        },
      },
      onFallback: () => {},
    });
    for (const vector of vectors) {
      sum.add(vector, 1);
      for (let turn = 0; turn < 9; turn++) await null;
    }
    await expect(sum.finish()).rejects.toMatchObject({ code: 'lost' });
    sum.reset();
    for (const vector of vectors) sum.add(vector, 1);
    expect(bitsOf(await sum.finish())).toEqual(bitsOf(expected));
  });

  it.each(['reset', 'close'] as const)('is nobody’s when a %s comes while it is finished', async (end) => {
    const { sum, opened } = lateSum(null);
    sum.add(vectors[0], 1);
    const finished = sum.finish();
    const ended = sum[end]();
    opened();
    await expect(finished).rejects.toMatchObject({ code: 'closed' });
    await ended;
  });

  it('holds nothing of a sum that was reset while it moved', async () => {
    const { sum, opened } = lateSum(null);
    sum.add(vectors[0], 1);
    sum.reset();
    opened();
    for (const vector of vectors) sum.add(vector, 1);
    expect(bitsOf(await sum.finish())).toEqual(bitsOf(expected));
    sum.reset();
    for (const vector of vectors) sum.add(vector, 1);
    expect(bitsOf(await sum.finish())).toEqual(bitsOf(expected));
    await sum.close();
    expect(() => sum.add(vectors[0], 1)).toThrow(expect.objectContaining({ code: 'closed' }));
  });
});

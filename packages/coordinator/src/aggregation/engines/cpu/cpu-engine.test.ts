import { packedSections, sliceAlignment } from '@tributary/privacy';
import { afterAll, describe, expect, it } from 'vitest';
import { type Addition, addTo, expectedSum, expectSame, packedOf } from '../drawn-sums.cases.ts';
import type { ModularSum } from '../engine.ts';
import { describeEngine } from '../engine-contract.cases.ts';
import { EngineError } from '../engine-error.ts';
import { openCpuEngine } from './cpu-engine.ts';
import { createCpuModularSum } from './modular-sum.ts';
import { slicesFor } from './slices.ts';
import type { ThreadSlice } from './sum-thread.ts';
import { createThreadPool, type ThreadPool } from './thread-pool.ts';

describeEngine('cpu', async () => openCpuEngine());
describeEngine('cpu (without threads)', async () => openCpuEngine({ threads: 0 }));

/** So long that threads are worth it from the ninth keystream on. */
const sections = [
  { length: 400_003, bits: 20 },
  { length: 9, bits: 32 },
];
const masks = (count: number, sign: 1 | -1): Addition[] =>
  Array.from({ length: count }, (_, from) => ({ kind: 'keystream', from, sign }));

describe.each([1, 2, 3])('a sum over %i threads', (threads) => {
  const engine = openCpuEngine({ threads });
  afterAll(() => engine.close());

  it('is the one of the calling thread, with vectors that come while threads add', async () => {
    const additions: Addition[] = [
      { kind: 'packed', from: 1 },
      ...masks(150, 1),
      { kind: 'packed', from: 2 },
      ...masks(77, -1),
      { kind: 'packed', from: 3 },
    ];
    const sum = engine.createModularSum(sections);
    await addTo(sum, additions);
    // All but 73 cancel.
    const left = masks(150, 1).slice(77);
    const vectors = additions.filter(({ kind }) => kind === 'packed');
    expectSame(await sum.finish(), expectedSum(sections, [...vectors, ...left]));
    await sum.close();
  });

  it.each(['reset', 'close'] as const)('is nobody’s when a %s comes while it is finished', async (end) => {
    const sum = engine.createModularSum(sections);
    await addTo(sum, masks(80, 1));
    const finished = sum.finish();
    await sum[end]();
    await expect(finished).rejects.toMatchObject({ code: 'closed' });
  });

  it('is another after a reset in the middle, and after the close of a sum that threads were adding to', async () => {
    const left = engine.createModularSum(sections);
    await addTo(left, masks(200, 1));
    await left.close();
    const sum = engine.createModularSum(sections);
    await addTo(sum, masks(200, 1));
    sum.reset();
    await addTo(sum, masks(9, -1));
    expectSame(await sum.finish(), expectedSum(sections, masks(9, -1)));
    await sum.close();
  });
});

describe('a vector that was received in the memory of a sum', () => {
  const joined = (from: number) => Buffer.concat(packedOf(sections, from));

  it.each([0, 2])('is added as any other, over %i threads and after a reset', async (threads) => {
    const engine = openCpuEngine({ threads });
    const sum = engine.createModularSum(sections);
    for (let round = 0; round < 2; round++) {
      const memories = Array.from({ length: 5 }, () => sum.takeVectorMemory?.() ?? null);
      // As many as there are upload places by default.
      expect(memories.map((memory) => memory?.length ?? null)).toEqual([
        ...Array(3).fill(joined(1).length),
        null,
        null,
      ]);
      // Neighbours: what one holds is not another's.
      memories.forEach((memory, from) => void memory?.set(joined(from)));
      for (const memory of memories) if (memory) sum.addPacked(packedSections(memory, sections));
      await addTo(sum, masks(12, 1));
      const vectors = [0, 1, 2].map((from): Addition => ({ kind: 'packed', from }));
      expectSame(await sum.finish(), expectedSum(sections, [...vectors, ...masks(12, 1)]));
      sum.reset();
    }
    await engine.close();
  });

  it('has room in no more than three vectors of all sums together, whoever has them', async () => {
    const engine = openCpuEngine({ threads: 0 });
    const rooms = (sum: ModularSum) =>
      Array.from({ length: 4 }, () => sum.takeVectorMemory?.() ?? null).filter((memory) => memory !== null).length;
    const [first, second] = [engine.createModularSum(sections), engine.createModularSum(sections)];
    expect([rooms(first), rooms(second)]).toEqual([3, 0]);
    await first.close();
    await first.close();
    const [third, fourth] = [engine.createModularSum(sections), engine.createModularSum(sections)];
    expect([rooms(third), rooms(fourth)]).toEqual([3, 0]);
    await engine.close();
  });

  it('is refused with bits behind its last element, as any other', () => {
    const sum = openCpuEngine({ threads: 0 }).createModularSum([{ length: 3, bits: 12 }]);
    const memory = sum.takeVectorMemory?.();
    memory?.set([0, 0, 0, 0, 0x10]);
    expect(() => sum.addPacked([memory as Uint8Array])).toThrow(RangeError);
  });
});

/** For a thread that fails: it is handed no memory. */
const broken: ThreadSlice = { sum: null as never, from: 0, length: 1, place: 1 };

describe('a thread that fails', () => {
  it('is told of to whoever waits for its sum, and others take its place', async () => {
    const pool = createThreadPool(2);
    const sum = pool.open([[broken], [broken]]);
    sum.add({ seeds: new Uint8Array(32), signs: Int8Array.of(1) });
    const failure = await sum.drained(0).then(
      () => null,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(EngineError);
    expect(failure).toMatchObject({ code: 'lost' });
    sum.close();
    const next = pool.open([[], []]);
    next.add({ seeds: new Uint8Array(32), signs: Int8Array.of(1) });
    await next.drained(0);
    await pool.close();
  });
});

/** As threads fail that run out of memory; resolves when it is known. */
async function failThread(pool: ThreadPool): Promise<void> {
  const other = pool.open([[broken]]);
  other.add({ seeds: new Uint8Array(32), signs: Int8Array.of(1) });
  await expect(other.drained(0)).rejects.toMatchObject({ code: 'lost' });
  other.close();
}

describe('a sum whose thread has failed', () => {
  it('goes on with other threads where nothing was under way', async () => {
    const pool = createThreadPool(2);
    const sum = createCpuModularSum(sections, pool, 0);
    await addTo(sum, masks(80, 1));
    await sum.finish();
    sum.reset();
    // Between two rounds, and while vectors come.
    await failThread(pool);
    const vector: Addition = { kind: 'packed', from: 1 };
    await addTo(sum, [vector]);
    await failThread(pool);
    await addTo(sum, masks(80, -1));
    expectSame(await sum.finish(), expectedSum(sections, [vector, ...masks(80, -1)]));
    await sum.close();
    await pool.close();
  });

  it('is lost where keystreams were under way, and whole again after its reset', async () => {
    const pool = createThreadPool(2);
    const sum = createCpuModularSum(sections, pool, 0);
    const failing = failThread(pool);
    // In the same turn: the thread fails before it comes to them.
    await addTo(sum, masks(80, 1));
    await failing;
    await expect(sum.finish()).rejects.toMatchObject({ code: 'lost' });
    sum.reset();
    await addTo(sum, masks(80, -1));
    expectSame(await sum.finish(), expectedSum(sections, masks(80, -1)));
    await sum.close();
    await pool.close();
  });
});

describe('a sum that is larger than the machine', () => {
  it('is refused with what it needs', () => {
    const engine = openCpuEngine({ threads: 0 });
    expect(() => engine.createModularSum([{ length: 2 ** 33, bits: 32 }])).toThrow(
      expect.objectContaining({ code: 'out-of-memory' }),
    );
    expect(() => engine.createModularSum([{ length: 10, bits: 7 }])).toThrow(RangeError);
  });
});

describe('the slices of a vector', () => {
  it.each([1, 2, 3, 8])('cover every section once over %i threads, and begin where a keystream can', (threads) => {
    const all = [...sections, { length: 1_000_003, bits: 16 }, { length: 1, bits: 8 }];
    const slices = slicesFor(all, threads).flat();
    expect(slicesFor(all, threads).length).toBeLessThanOrEqual(threads);
    all.forEach(({ length, bits }, section) => {
      const own = slices.filter((slice) => slice.section === section).sort((a, b) => a.from - b.from);
      let at = 0;
      for (const { from, length: size } of own) {
        expect(from).toBe(at);
        expect(from % sliceAlignment(bits)).toBe(0);
        at += size;
      }
      expect(at).toBe(length);
    });
  });
});

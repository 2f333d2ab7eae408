/** A modular sum on the CPU: one copy of the model in memory that the engine's threads share. */
import { type ModularAccumulator, maskedVectorLength } from '@tributary/privacy';
import { accumulatorOver, createSharedSum, type SharedSum, vectorMemory } from '@tributary/privacy/shared-sum';
import type { ModularSum, SumSection } from '../engine.ts';
import { createSumState } from '../sum-state.ts';
import { checkPackedSections, checkSeed } from '../vectors.ts';
import { slicesFor } from './slices.ts';
import type { ThreadedSum, ThreadPool } from './thread-pool.ts';

/** Bytes of keystream below which threads cost more than they save: some 10 ms of work. */
const leastThreadedBytes = 8 * 2 ** 20;
/** Seeds of one message to a thread. */
const batchSeeds = 64;
/** Batches that threads may have before they have answered for the first of them. */
const batchesAhead = 1;

/** The thread that opened the sum; the others have the places behind it. */
const ownPlace = 0;

/**
 * @param vectors that may be received in the sum's memory, where there is room for them
 * @throws RangeError for sections that no stream has, or without memory
 */
export function createCpuModularSum(sections: readonly SumSection[], pool: ThreadPool, vectors: number): ModularSum {
  const state = createSumState();
  const keystreamBytes = maskedVectorLength(sections);
  let shared = createSums();
  let own = accumulators();
  /** Of keystreams, since the sum was opened. */
  let expanded = 0;
  let threaded: ThreadedSum | null = null;
  const batch = { seeds: new Uint8Array(32 * batchSeeds), signs: [] as number[] };
  let taken = 0;
  /** Vectors that came while threads were adding: two may not add to one place at a time. */
  let waiting: (readonly Uint8Array[])[] = [];

  function createSums(): readonly SharedSum[] {
    return sections.map((section, index) =>
      createSharedSum({
        ...section,
        section: index,
        places: 1 + pool.size,
        // The first is the largest.
        vectors: { count: index === 0 ? vectors : 0, bytes: keystreamBytes },
      }),
    );
  }
  function accumulators(): readonly ModularAccumulator[] {
    return shared.map((sum, index) =>
      accumulatorOver(sum, { from: 0, length: sections[index].length, place: ownPlace }),
    );
  }
  function openThreads(): ThreadedSum {
    return pool.open(
      slicesFor(sections, pool.size).map((slices, thread) =>
        slices.map(({ section, ...slice }) => ({ sum: shared[section], ...slice, place: 1 + thread })),
      ),
    );
  }
  function addHere(seed: Uint8Array, sign: 1 | -1): void {
    for (const accumulator of own) accumulator.addMask(seed, sign);
  }
  function add(packed: readonly Uint8Array[]): void {
    own.forEach((accumulator, section) => void accumulator.addPacked(packed[section]));
  }
  function sendBatch(): void {
    if (batch.signs.length === 0) return;
    threaded ??= openThreads();
    threaded.add({ seeds: batch.seeds.subarray(0, 32 * batch.signs.length), signs: Int8Array.from(batch.signs) });
    forgetBatch();
  }
  function forgetBatch(): void {
    batch.seeds.fill(0);
    batch.signs.length = 0;
  }
  async function drain(most: number): Promise<void> {
    await threaded?.drained(most);
    if (threaded?.idle === false) return;
    for (const packed of waiting) add(packed);
    waiting = [];
  }

  return {
    sections,
    addPacked(packed) {
      state.assertOpen();
      checkPackedSections(packed, sections);
      if (threaded?.idle === false) waiting.push(packed.map((section) => section.slice()));
      else add(packed);
    },
    takeVectorMemory() {
      state.assertOpen();
      const memory = shared.length > 0 ? vectorMemory(shared[0], taken) : null;
      taken += 1;
      return memory;
    },
    async addKeystream(seed, sign) {
      state.assertOpen();
      checkSeed(seed);
      expanded += keystreamBytes;
      if (pool.size === 0 || (threaded === null && expanded <= leastThreadedBytes)) {
        addHere(seed, sign);
        return;
      }
      batch.seeds.set(seed, 32 * batch.signs.length);
      batch.signs.push(sign);
      if (batch.signs.length < batchSeeds) return;
      sendBatch();
      await drain(batchesAhead);
    },
    async finish() {
      state.finish();
      const { generation } = state;
      sendBatch();
      await drain(0);
      state.assertSame(generation);
      return own.map((accumulator) => accumulator.values());
    },
    reset() {
      state.reset();
      forgetBatch();
      waiting = [];
      taken = 0;
      expanded = 0;
      if (threaded && (!threaded.idle || threaded.failed)) {
        // What is under way goes on into memory that nobody reads.
        threaded.close();
        threaded = null;
        shared = createSums();
        own = accumulators();
        return;
      }
      for (const accumulator of own) accumulator.reset();
    },
    async close() {
      state.close();
      forgetBatch();
      waiting = [];
      threaded?.close();
      threaded = null;
      shared = [];
      own = [];
    },
  };
}

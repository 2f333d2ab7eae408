/**
 * Takes the masks off a sum: every mask is a keystream as long as the vector, so that this is the coordinator's dearest work. The
 * vector is cut into slices, one set for each thread; each seed goes to every thread, which adds its slice of the keystream. In
 * all no more than a few vectors are in memory, whatever the number of masks.
 */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { createModularAccumulator, type MaskSeed, type SecureRound, sliceAlignment } from '@tributary/privacy';
import type { MaskSlice, UnmaskReply, UnmaskRequest } from './unmask-worker.ts';

const mostThreads = 8;
/** Bytes of keystream below which starting threads costs more than they save: some 10 ms of work. */
const leastThreadedBytes = 8 * 2 ** 20;
/** Seeds of one message to a thread. */
const batchSeeds = 64;
/** Batches that a thread may have before it has answered for the first of them. */
const batchesAhead = 2;

export interface UnmaskOptions {
  readonly sections: SecureRound['sections'];
  /** For each section the masked sum; changed to the sum without masks, modulo 2^32: the low bits count. */
  readonly sums: readonly Uint32Array[];
  readonly masks: Iterable<MaskSeed>;
  /** How many there are. */
  readonly count: number;
  /** Threads; as many as the machine has cores, up to 8, unless given. 0: in the calling thread. */
  readonly threads?: number;
}

/** @throws what a thread failed with, or what deriving the masks throws: the sums are of no use then */
export async function unmask(options: UnmaskOptions): Promise<void> {
  const { sections, count } = options;
  const bytes = count * sections.reduce((total, { length, bits }) => total + (length * bits) / 8, 0);
  const threads = options.threads ?? (bytes < leastThreadedBytes ? 0 : Math.min(mostThreads, availableParallelism()));
  if (threads === 0) await unmaskHere(options);
  else await unmaskInThreads(options, slicesFor(sections, threads));
}

async function unmaskHere({ sections, sums, masks }: UnmaskOptions): Promise<void> {
  const accumulators = sections.map(({ length, bits }, section) => createModularAccumulator({ length, bits, section }));
  let done = 0;
  for (const { seed, sign } of masks) {
    for (const accumulator of accumulators) accumulator.addMask(seed, sign);
    seed.fill(0);
    // Deriving a seed takes an agreement of keys: other tasks have their turn in between.
    done += 1;
    if (done % batchSeeds === 0) await new Promise(setImmediate);
  }
  accumulators.forEach((accumulator, section) => {
    addTo(sums[section], accumulator.values(), 0);
    accumulator.reset();
  });
}

/** Slices of about equal size for each thread, at places where a keystream can begin; small sections are not cut. */
export function slicesFor(sections: SecureRound['sections'], threads: number): readonly (readonly MaskSlice[])[] {
  const plan: MaskSlice[][] = Array.from({ length: threads }, () => []);
  sections.forEach(({ length, bits }, section) => {
    const step = sliceAlignment(bits);
    const size = step * Math.max(1, Math.ceil(length / threads / step));
    // Sections that are cut into fewer slices than there are threads begin with the last thread, which has least.
    const slices = Math.ceil(length / size);
    for (let slice = 0; slice < slices; slice++) {
      const from = slice * size;
      plan[(threads - slices + slice) % threads].push({ section, bits, from, length: Math.min(size, length - from) });
    }
  });
  return plan.filter((slices) => slices.length > 0);
}

async function unmaskInThreads({ sums, masks }: UnmaskOptions, plan: readonly (readonly MaskSlice[])[]): Promise<void> {
  const threads = plan.map(startThread);
  try {
    for (const batch of batchesOf(masks)) await Promise.all(threads.map((thread) => thread.add(batch)));
    const results = await Promise.all(threads.map((thread) => thread.finish()));
    results.forEach((slices, thread) => {
      slices.forEach((values, index) => {
        const { section, from } = plan[thread][index];
        addTo(sums[section], values, from);
      });
    });
  } finally {
    await Promise.all(threads.map((thread) => thread.end()));
  }
}

function addTo(sum: Uint32Array, values: Uint32Array, from: number): void {
  for (let i = 0; i < values.length; i++) sum[from + i] += values[i];
}

function* batchesOf(masks: Iterable<MaskSeed>): Generator<{ readonly seeds: Uint8Array; readonly signs: Int8Array }> {
  let seeds = new Uint8Array(32 * batchSeeds);
  let signs: number[] = [];
  for (const { seed, sign } of masks) {
    seeds.set(seed, 32 * signs.length);
    seed.fill(0);
    signs.push(sign);
    if (signs.length < batchSeeds) continue;
    yield { seeds, signs: Int8Array.from(signs) };
    seeds.fill(0);
    seeds = new Uint8Array(32 * batchSeeds);
    signs = [];
  }
  if (signs.length > 0) yield { seeds, signs: Int8Array.from(signs) };
  seeds.fill(0);
}

interface Thread {
  /** Resolves when there is room for another batch. */
  add(batch: { readonly seeds: Uint8Array; readonly signs: Int8Array }): Promise<void>;
  finish(): Promise<readonly Uint32Array[]>;
  end(): Promise<void>;
}

function startThread(slices: readonly MaskSlice[]): Thread {
  const fromSource = import.meta.url.endsWith('.ts');
  const entry = fromSource ? './unmask-worker-from-source.mjs' : './unmask-worker.js';
  const worker = new Worker(fileURLToPath(new URL(entry, import.meta.url)), {
    workerData: slices,
    ...(fromSource ? { execArgv: ['--conditions=source'] } : {}),
  });
  let ahead = 0;
  let failure: unknown = null;
  let sums: readonly Uint32Array[] | null = null;
  /** Of whoever waits for the next reply. */
  let wake = () => {};
  worker.on('message', (reply: UnmaskReply) => {
    if (reply.kind === 'added') ahead -= 1;
    else ({ sums } = reply);
    wake();
  });
  worker.on('error', (error) => {
    failure = error;
    wake();
  });
  worker.on('exit', () => {
    if (!sums) failure ??= new Error('An unmasking thread ended before its sums were complete.');
    wake();
  });

  async function until(done: () => boolean): Promise<void> {
    while (!done()) {
      if (failure) throw failure;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    if (failure) throw failure;
  }

  return {
    async add(batch) {
      ahead += 1;
      worker.postMessage({ kind: 'add', batch } satisfies UnmaskRequest);
      await until(() => ahead < batchesAhead);
    },
    async finish() {
      worker.postMessage({ kind: 'finish' } satisfies UnmaskRequest);
      await until(() => sums !== null);
      return sums as unknown as readonly Uint32Array[];
    },
    async end() {
      await worker.terminate();
    },
  };
}

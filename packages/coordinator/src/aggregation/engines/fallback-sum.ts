/**
 * A modular sum whose keystreams a device expands, and which outlives the device. Vectors are added in the host's memory, where they
 * arrive: adding is bound by memory, and what nobody can send again is not put where it can be lost. Seeds are kept, 33 bytes each, until
 * the device has answered; when it is lost, or has no memory, the host expands them, to the same bits.
 */
import { maskedVectorLength, maskOf } from '@tributary/privacy';
import type { EngineName, ModularSum } from './engine.ts';
import { deviceFailure, type EngineError } from './engine-error.ts';
import { createSumState } from './sum-state.ts';
import { checkSeed } from './vectors.ts';

export interface FallbackSum extends ModularSum {
  /** Who expanded the last keystream; the host where there was none. */
  readonly engine: EngineName;
}

export interface FallbackOptions {
  /** In the host's memory. */
  readonly host: ModularSum;
  readonly device: {
    readonly name: EngineName;
    /** A sum of the same sections; called when the first keystream comes that is for the device. */
    open(): Promise<ModularSum>;
  };
  /** Bytes of keystream that the host expands before the device is asked: a device pays for large sums only. */
  readonly leastBytes: number;
  /** The device failed, and the host goes on in its place. */
  readonly onFallback: (error: EngineError) => void;
}

export function createFallbackSum({ host, device, leastBytes, onFallback }: FallbackOptions): FallbackSum {
  const { sections } = host;
  const keystreamBytes = maskedVectorLength(sections);
  const state = createSumState();
  let remote: ModularSum | null = null;
  let journal: { readonly seed: Uint8Array; readonly sign: 1 | -1 }[] = [];
  /** Of this sum; a device that failed is not asked again before the next. */
  let failed = false;
  let expanded = 0;
  let engine: EngineName = 'cpu';

  function forgetJournal(): void {
    for (const { seed } of journal) seed.fill(0);
    journal = [];
  }

  async function dropDevice(): Promise<void> {
    const dropped = remote;
    remote = null;
    // What is lost may not close either.
    await dropped?.close().catch(() => {});
  }

  async function fallBack(error: unknown): Promise<void> {
    if (state.closed) throw error;
    const mine = state.generation;
    failed = true;
    engine = 'cpu';
    // Closed by whoever opened the device again is as good as lost.
    onFallback(deviceFailure(error));
    await dropDevice();
    for (const { seed, sign } of [...journal]) {
      if (mine !== state.generation) return;
      await host.addKeystream(seed, sign);
    }
    if (mine === state.generation) forgetJournal();
  }

  return {
    sections,
    get engine() {
      return engine;
    },
    addPacked: (packed) => host.addPacked(packed),
    takeVectorMemory: () => host.takeVectorMemory?.() ?? null,
    async addKeystream(seed, sign) {
      state.assertOpen();
      checkSeed(seed);
      expanded += keystreamBytes;
      if (failed || expanded <= leastBytes) return host.addKeystream(seed, sign);
      const kept = { seed: seed.slice(), sign };
      const mine = state.generation;
      journal.push(kept);
      try {
        const open = remote ?? (await device.open());
        if (mine !== state.generation) {
          if (open !== remote) await open.close();
          return;
        }
        remote = open;
        engine = device.name;
        await open.addKeystream(kept.seed, sign);
      } catch (error) {
        if (mine === state.generation || state.closed) await fallBack(error);
      }
    },
    async finish() {
      state.finish();
      const mine = state.generation;
      let fromDevice: readonly Uint32Array[] | null = null;
      if (journal.length > 0 && remote) {
        try {
          fromDevice = await remote.finish();
        } catch (error) {
          if (mine === state.generation || state.closed) await fallBack(error);
        }
      }
      if (mine !== state.generation) for (const values of fromDevice ?? []) values.fill(0);
      state.assertSame(mine);
      forgetJournal();
      const sums = await host.finish();
      fromDevice?.forEach((values, section) => {
        const sum = sums[section];
        const mask = maskOf(sections[section].bits);
        for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] + values[i]) & mask;
        values.fill(0);
      });
      return sums;
    },
    reset() {
      state.reset();
      forgetJournal();
      failed = false;
      expanded = 0;
      engine = 'cpu';
      host.reset();
      try {
        remote?.reset();
      } catch {
        void dropDevice();
      }
    },
    async close() {
      state.close();
      forgetJournal();
      await dropDevice();
      await host.close();
    },
  };
}

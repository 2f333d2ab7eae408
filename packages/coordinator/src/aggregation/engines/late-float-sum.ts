/**
 * A float32 sum on a device that takes time to open, and may fail: until it is open, and from a failure on, vectors are added in the
 * host's memory, in the order in which they came, so that the bits are the same wherever the sum lies.
 */
import type { EngineName, FloatSum } from './engine.ts';
import { deviceFailure, type EngineError } from './engine-error.ts';
import { createSumState } from './sum-state.ts';
import { checkVector } from './vectors.ts';

export interface LateFloatSum extends FloatSum {
  /** Who added the last vectors. */
  readonly engine: EngineName;
}

export interface LateFloatOptions {
  readonly host: FloatSum;
  readonly device: { readonly name: EngineName; open(): Promise<FloatSum> };
  /** The device failed, and the host goes on in its place. */
  readonly onFallback: (error: EngineError) => void;
}

export function createLateFloatSum({ host, device, onFallback }: LateFloatOptions): LateFloatSum {
  const state = createSumState();
  let remote: FloatSum | null = null;
  let engine: EngineName = 'cpu';
  /** Vectors that came while the sum moves from one to the other. */
  let queued: { readonly vector: Float32Array; readonly weight: number }[] = [];
  /** The move that is under way; a later sum's waits for it. */
  let moving: Promise<void> | null = null;
  /** Whether the host holds anything of this sum. */
  let begun = false;
  let failed = false;
  /** What was on the device cannot be read any more: this sum is gone. */
  let gone: EngineError | null = null;

  function move(work: () => Promise<void>): void {
    moving = work().finally(() => {
      moving = null;
      const waiting = queued;
      queued = [];
      for (const { vector, weight } of waiting) {
        add(vector, weight);
        vector.fill(0);
      }
    });
  }

  async function toDevice(): Promise<void> {
    let opened: FloatSum | null = null;
    try {
      opened = await device.open();
      if (begun) await handOver(opened);
      remote = opened;
      engine = device.name;
    } catch (error) {
      fail(error);
      await opened?.close().catch(() => {});
    }
  }

  /** What the host has so far goes to the device; where the device does not take it, the host has it still. */
  async function handOver(opened: FloatSum): Promise<void> {
    const mine = state.generation;
    const values = await host.finish();
    try {
      if (mine !== state.generation) return;
      host.reset();
      try {
        opened.add(values, 1);
      } catch (error) {
        host.add(values, 1);
        throw error;
      }
    } finally {
      // It may be one device's vector.
      values.fill(0);
    }
  }

  function forgetQueue(): void {
    for (const { vector } of queued) vector.fill(0);
    queued = [];
  }

  /** What the device has so far is read back: after a failed addition it is still there. */
  async function toHost(lost: FloatSum): Promise<void> {
    const mine = state.generation;
    try {
      const values = await lost.finish();
      if (mine === state.generation) {
        host.add(values, 1);
        begun = true;
      }
      values.fill(0);
    } catch (error) {
      // Whoever waits for the sum is told.
      if (mine === state.generation) gone = deviceFailure(error);
    } finally {
      await lost.close().catch(() => {});
    }
  }

  function fail(error: unknown): void {
    failed = true;
    engine = 'cpu';
    onFallback(deviceFailure(error));
  }

  function add(vector: Float32Array, weight: number): void {
    if (moving) {
      queued.push({ vector: vector.slice(), weight });
      return;
    }
    if (!remote) {
      host.add(vector, weight);
      begun = true;
      if (!failed) move(toDevice);
      return;
    }
    try {
      remote.add(vector, weight);
    } catch (error) {
      const lost = remote;
      remote = null;
      fail(error);
      queued.push({ vector: vector.slice(), weight });
      move(() => toHost(lost));
    }
  }

  return {
    length: host.length,
    get engine() {
      return engine;
    },
    add(vector, weight) {
      state.assertOpen();
      checkVector(vector, host.length);
      add(vector, weight);
    },
    async finish() {
      state.finish();
      const { generation } = state;
      while (moving) await moving;
      state.assertSame(generation);
      if (gone) throw gone;
      return remote ? remote.finish() : host.finish();
    },
    reset() {
      state.reset();
      forgetQueue();
      begun = false;
      failed = false;
      gone = null;
      host.reset();
      try {
        remote?.reset();
      } catch {
        const lost = remote;
        remote = null;
        void lost?.close().catch(() => {});
      }
    },
    async close() {
      state.close();
      forgetQueue();
      await moving;
      await remote?.close().catch(() => {});
      await host.close();
    },
  };
}

import type { Gpu } from './gpu.ts';

/** Batches that the device has not done yet. */
export interface InFlight {
  /** What was submitted so far is one more of them. */
  track(): void;
  /** Resolves when there are fewer than `most`. @throws EngineError 'closed' or 'lost' */
  room(): Promise<void>;
}

export function createInFlight(gpu: Gpu, most: number): InFlight {
  const batches: Promise<void>[] = [];
  return {
    track() {
      const done = gpu.orLost(gpu.device.queue.onSubmittedWorkDone()).then(
        () => {},
        // The next call says so.
        () => {},
      );
      batches.push(done);
      void done.then(() => batches.splice(batches.indexOf(done), 1));
    },
    async room() {
      while (batches.length >= most) await batches[0];
      gpu.check();
    },
  };
}

/** How this page's device takes part. */
import { createTributaryInWorker, type Tributary, type WorkerOptions } from '@tributary/client';

export function deviceOptions(task: string): WorkerOptions {
  return {
    // The coordinator is behind the page's own origin.
    url: location.origin,
    task,
    // Rounds follow each other in seconds here, so that there is something to see; leave this out in an app.
    agreement: { secure: { rostersPerDay: 100_000 } },
  };
}

/** Consent is pending at first: nothing is sent, and nothing fetched from the coordinator, before the person agrees. */
export function openDevice(task: string): Promise<Tributary> {
  const worker = new Worker(new URL('./device-worker.ts', import.meta.url), { type: 'module' });
  return createTributaryInWorker(worker, deviceOptions(task));
}

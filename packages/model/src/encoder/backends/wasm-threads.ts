/**
 * TensorFlow.js's wasm backend starts threads from blobs where a page is isolated, and waits for ever where the page's policy forbids
 * workers from blobs. Asked first.
 */

/** The part of a browser that is used; none of it is there in Node. */
interface Page {
  readonly crossOriginIsolated?: boolean;
  readonly Worker?: new (
    url: string,
  ) => {
    onmessage: (() => void) | null;
    onerror: (() => void) | null;
    terminate(): void;
  };
}

/** How long a worker may take to say a word. */
const patienceMilliseconds = 2000;

/** Whether threads can be had: false where the page is not isolated, or its Content-Security-Policy has no `worker-src blob:`. */
export async function canStartThreads(page: Page = globalThis as Page): Promise<boolean> {
  const { crossOriginIsolated, Worker } = page;
  if (!crossOriginIsolated || Worker === undefined) return false;
  const url = URL.createObjectURL(new Blob(['postMessage(0)'], { type: 'text/javascript' }));
  try {
    const worker = new Worker(url);
    const speaks = await new Promise<boolean>((resolve) => {
      worker.onmessage = () => resolve(true);
      worker.onerror = () => resolve(false);
      setTimeout(() => resolve(false), patienceMilliseconds);
    });
    worker.terminate();
    return speaks;
  } catch {
    return false;
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** Long work on the thread of a page, in slices. */
import { yieldToEventLoop } from '../session/backoff.ts';

/** Short enough beside the 16 ms of a frame. */
const sliceMilliseconds = 8;

/** @returns a function to await between steps: it lets other things run once a slice is over, and costs nothing before */
export function createPause(now: () => number = () => performance.now()): () => Promise<void> {
  let end = now() + sliceMilliseconds;
  return async () => {
    if (now() < end) return;
    await yieldToEventLoop();
    end = now() + sliceMilliseconds;
  };
}

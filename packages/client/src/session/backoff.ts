/**
 * Exponential backoff with full jitter (Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015): when a
 * coordinator comes back, its devices do not come back at one instant.
 */
import type { SecureRandom } from '@tributary/privacy';

export interface Backoff {
  readonly baseMilliseconds: number;
  readonly maximumMilliseconds: number;
}

export const defaultBackoff: Backoff = { baseMilliseconds: 500, maximumMilliseconds: 60_000 };

/** Uniform in [0, min(maximum, base * 2^attempt)); `attempt` counts failures in a row from 0. */
export function backoffMilliseconds(attempt: number, backoff: Backoff, random: SecureRandom): number {
  const ceiling = Math.min(backoff.maximumMilliseconds, backoff.baseMilliseconds * 2 ** Math.min(attempt, 40));
  return uniform(random) * ceiling;
}

/** Uniform in [0, 1) with 32 bits. */
function uniform(random: SecureRandom): number {
  const bytes = random.bytes(4);
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) / 2 ** 32;
}

/** Resolves after the time, or at once when the signal fires (then and before). Never rejects. */
export function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done, { once: true });
  });
}

/** Lets sockets and timers have their turn. */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

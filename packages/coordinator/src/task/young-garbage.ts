/**
 * What arrives over a socket lies outside of V8's heap, and V8 lets some 64 MB of it die before it looks: many models of memory,
 * where a model has a few megabytes. So that memory stays O(model), the young generation is collected whenever a quarter of a
 * model has arrived; a collection of so few objects takes about a millisecond.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Less than this is not worth a collection. */
const leastBytes = 1_048_576;

export interface YoungGarbage {
  /** Bytes that arrived, and will be garbage soon. */
  arrived(bytes: number): void;
}

/** @param modelBytes of one upload */
export function createYoungGarbage(modelBytes: number): YoungGarbage {
  const every = Math.max(leastBytes, modelBytes / 4);
  let since = 0;
  return {
    arrived(bytes) {
      since += bytes;
      if (since < every) return;
      since = 0;
      collector()({ type: 'minor' });
    },
  };
}

type Collect = (options: { readonly type: 'minor' }) => void;

let cached: Collect | null = null;

/** V8's own function, which is given to a context that is made while the flag is set. */
function collector(): Collect {
  if (cached) return cached;
  setFlagsFromString('--expose-gc');
  cached = runInNewContext('gc') as Collect;
  setFlagsFromString('--no-expose-gc');
  return cached;
}

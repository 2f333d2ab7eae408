/**
 * Work in fixed chunks: how it is cut depends on its length alone, and results are taken up in the order of the chunks, so that
 * the bits of a float32 sum do not depend on how many threads made its parts.
 */

export interface Chunk {
  readonly from: number;
  /** One past the last. */
  readonly to: number;
}

/** Enough for a balanced load on many threads, and few enough that a partial sum of the model for each costs little. */
const chunkCount = 96;
/** Below this a message to a thread weighs more than the work. */
const leastChunk = 8;

export function chunksOf(length: number): readonly Chunk[] {
  const size = Math.max(leastChunk, Math.ceil(length / chunkCount));
  return Array.from({ length: Math.ceil(length / size) }, (_, index) => ({
    from: index * size,
    to: Math.min(length, (index + 1) * size),
  }));
}

/** The sum of all values as partial sums of the chunks give it. */
export function sumInChunks(values: readonly number[]): number {
  let total = 0;
  for (const { from, to } of chunksOf(values.length)) {
    let part = 0;
    for (const value of values.slice(from, to)) part += value;
    total += part;
  }
  return total;
}

/**
 * Starts work on every chunk in order, at most `places` at a time, and consumes the outcomes in the same order. A place (an
 * index below `places`, where the work may leave a large result) is free again once its outcome has been consumed: memory is
 * O(places), not O(chunks). Rejects with the first failure.
 */
export async function inOrder<Outcome>(
  chunks: readonly Chunk[],
  places: number,
  work: (chunk: Chunk, place: number) => Promise<Outcome>,
  consume: (outcome: Outcome, chunk: Chunk, place: number) => void,
): Promise<void> {
  const started: { readonly chunk: Chunk; readonly place: number; readonly outcome: Promise<Outcome> }[] = [];
  const consumeOldest = async (): Promise<void> => {
    const [{ chunk, place, outcome }] = started.splice(0, 1);
    consume(await outcome, chunk, place);
  };
  for (const [index, chunk] of chunks.entries()) {
    if (started.length === places) await consumeOldest();
    // The oldest of `places` in flight has just left, so the place of chunk index - places is free.
    const place = index % places;
    const outcome = work(chunk, place);
    // Awaited in its turn; until then a failure must not count as unhandled.
    outcome.catch(() => undefined);
    started.push({ chunk, place, outcome });
  }
  while (started.length > 0) await consumeOldest();
}

/** Timing for benchmarks: the contestants take turns, so that a busy moment of the machine hits all of them. */

export interface Contestant {
  readonly name: string;
  /** Does the work once. */
  readonly run: () => unknown | Promise<unknown>;
}

/** Median seconds of each contestant over `rounds` turns, after one turn that is not counted. */
export async function medianSeconds(contestants: readonly Contestant[], rounds: number): Promise<readonly number[]> {
  const seconds: number[][] = contestants.map(() => []);
  for (let round = -1; round < rounds; round++) {
    for (const [index, { run }] of contestants.entries()) {
      const start = performance.now();
      await run();
      if (round >= 0) seconds[index].push((performance.now() - start) / 1000);
    }
  }
  return seconds.map((values) => values.sort((a, b) => a - b)[values.length >> 1]);
}

/** CPU time of this process, all its threads together, where the work and not the waiting is compared. */

/** CPU seconds of one run. */
export async function cpuSeconds(work: () => unknown | Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** Median over `rounds` runs, after one that is not counted. */
export async function medianCpuSeconds(work: () => unknown | Promise<unknown>, rounds: number): Promise<number> {
  const seconds: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const spent = await cpuSeconds(work);
    if (round >= 0) seconds.push(spent);
  }
  return seconds.sort((a, b) => a - b)[seconds.length >> 1];
}

export function shownSeconds(seconds: number): string {
  if (seconds < 1) return `${(1e3 * seconds).toPrecision(3)} ms`;
  return `${seconds < 100 ? seconds.toPrecision(3) : Math.round(seconds)} s`;
}

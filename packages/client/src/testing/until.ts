/**
 * Waits for something that a real socket, file or timer brings about.
 *
 * @param turns to wait at most, of 5 ms or more each: a minute, counted by no clock, as a test may set it
 */
export async function until(what: () => boolean, turns = 12_000): Promise<void> {
  for (let turn = 0; turn < turns; turn++) {
    if (what()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`This did not come about: ${what}`);
}

/** Waits for something that a real socket, file or timer brings about: a minute or more, counted in turns, as a test may set the clock. */
export async function until(what: () => boolean): Promise<void> {
  for (let turn = 0; turn < 12_000; turn++) {
    if (what()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`This did not come about: ${what}`);
}

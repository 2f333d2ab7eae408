/** Opening several things as one: where a later one fails, the earlier ones do not stay open. */

/** Says how something that was just opened is closed, should a later one fail. */
export type Opened = (close: () => unknown) => void;

/**
 * @param open opens one thing after the other; where it fails, they are closed, last first
 * @throws what `open` throws, whatever closing does
 */
export async function openWhole<Made>(open: (opened: Opened) => Promise<Made>): Promise<Made> {
  const closes: (() => unknown)[] = [];
  try {
    return await open((close) => void closes.push(close));
  } catch (error) {
    for (const close of closes.reverse())
      await Promise.resolve()
        .then(close)
        .catch(() => {});
    throw error;
  }
}

/** A masked sum that cannot be opened: an outcome of a release. The message tells why, and says nothing of any device. */
export class OpeningError extends Error {
  override readonly name = 'OpeningError';
}

/** Randomness for keys, nonces, masks, noise and cohort selection. */

export interface SecureRandom {
  /** Fresh uniformly random bytes. */
  bytes(length: number): Uint8Array;
}

/** getRandomValues gives at most this many bytes a call. */
const largestCall = 65_536;

/** The platform's CSPRNG. */
export const systemRandom: SecureRandom = {
  bytes(length) {
    const out = new Uint8Array(length);
    for (let at = 0; at < length; at += largestCall) {
      globalThis.crypto.getRandomValues(out.subarray(at, Math.min(length, at + largestCall)));
    }
    return out;
  },
};

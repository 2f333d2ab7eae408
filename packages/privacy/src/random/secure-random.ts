/** Randomness for keys, nonces, masks, noise and cohort selection. */

export interface SecureRandom {
  /** Fresh uniformly random bytes. */
  bytes(length: number): Uint8Array;
}

/** getRandomValues gives at most this many bytes a call. */
const largestCall = 65_536;

export class RandomnessError extends Error {
  override readonly name = 'RandomnessError';
}

/** The platform's CSPRNG. Its `bytes` throws RandomnessError where the platform has none. */
export const systemRandom: SecureRandom = {
  bytes(length) {
    const { crypto } = globalThis as { readonly crypto?: Partial<Crypto> };
    if (typeof crypto?.getRandomValues !== 'function') {
      throw new RandomnessError(
        'This runtime has no crypto.getRandomValues(). In React Native, install react-native-get-random-values and import it first of ' +
          "all: import 'react-native-get-random-values'.",
      );
    }
    const out = new Uint8Array(length);
    for (let at = 0; at < length; at += largestCall) {
      crypto.getRandomValues(out.subarray(at, Math.min(length, at + largestCall)));
    }
    return out;
  },
};

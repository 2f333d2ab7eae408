/** Whom to invite: a uniform choice by CSPRNG, so that nobody can tell or steer who is in a round. */
import type { SecureRandom } from '@tributary/privacy';

/** `count` distinct members in random order (all of them when there are fewer). */
export function chooseUniformly<T>(candidates: Iterable<T>, count: number, random: SecureRandom): T[] {
  const pool = [...candidates];
  const chosen = Math.min(count, pool.length);
  for (let i = 0; i < chosen; i++) {
    const j = i + uniformBelow(pool.length - i, random);
    [pool[i], pool[j]] = [pool[j], pool[i]];
  }
  return pool.slice(0, chosen);
}

/** Uniform in [0, bound), without modulo bias: values past the last whole multiple of the bound are drawn again. */
function uniformBelow(bound: number, random: SecureRandom): number {
  const limit = Math.floor(2 ** 32 / bound) * bound;
  for (;;) {
    const bytes = random.bytes(4);
    const value = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
    if (value < limit) return value % bound;
  }
}

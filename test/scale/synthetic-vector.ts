/** Integers of one device's section, by xorshift from its number: quick, and the same wherever it is made. */
export function syntheticVector(user: number, section: number, length: number, bits: number): Uint32Array {
  const values = new Uint32Array(length);
  const mask = bits === 32 ? 0xffff_ffff : 2 ** bits - 1;
  let state = (0x9e37_79b9 ^ (user * 2 + section + 1)) | 1;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    values[i] = state & mask;
  }
  return values;
}

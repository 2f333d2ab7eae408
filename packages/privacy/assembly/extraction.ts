/**
 * b-bit elements cut from whole blocks of keystream, in the order in which bytes come from a cipher, and added to a sum in the order
 * of the elements. Compiled by ../scripts/build-kernels.ts; the twin in plain TypeScript is `addElements` in
 * ../src/masking/word-accumulator.ts.
 *
 * Four neighbouring elements lie in 4 b <= 128 bits, so one load holds them. A swizzle brings to each lane the four bytes in which
 * its element begins; as there is no shift by lane, a product with a power of two moves the element to the lane's top, and one
 * shift brings all four down. Eight elements are b whole bytes, so that two patterns, of an even and of an odd four, serve for all.
 */

// Two patterns at addresses 0 and 64: indices of bytes, those of the byte before (for wide elements), and the products' factors.
const odd: usize = 64;

/** Writes the pattern of four elements whose first begins at a bit of its byte. */
function preparePattern(at: usize, firstBit: i32, bits: i32): void {
  for (let lane = 0; lane < 4; lane++) {
    const bit = firstBit + lane * bits;
    const byte = bit >> 3;
    const shift = bit & 7;
    // Wide elements may touch five bytes: the upper four in one vector, the lowest in another.
    const first = bits > 25 ? byte + 1 : byte;
    for (let i = 0; i < 4; i++) {
      store<u8>(at + (lane << 2) + i, first + i);
      // An index out of range gives zero.
      store<u8>(at + 16 + (lane << 2) + i, i === 0 ? byte : 255);
    }
    store<u32>(at + 32 + (lane << 2), bits > 25 ? 1 << (8 - shift) : 1 << (32 - bits - shift));
  }
}

// @ts-ignore: decorator
@inline
function cut(stream: usize, bytes: v128, lowest: v128, factors: v128, down: i32, mask: v128, wide: bool): v128 {
  const loaded = v128.load(stream);
  const moved = i32x4.mul(i8x16.swizzle(loaded, bytes), factors);
  if (!wide) return i32x4.shr_u(moved, down);
  const low = i32x4.shr_u(i32x4.mul(i8x16.swizzle(loaded, lowest), factors), 8);
  return v128.and(i32x4.add(moved, low), mask);
}

// @ts-ignore: decorator
@inline
function combine(sum: v128, value: v128, subtract: bool): v128 {
  return subtract ? i32x4.sub(sum, value) : i32x4.add(sum, value);
}

// @ts-ignore: decorator
@inline
function addBlocks(sum: usize, stream: usize, blocks: i32, bits: i32, subtract: bool, wide: bool): void {
  const evenBytes = v128.load(0);
  const evenLowest = v128.load(16);
  const evenFactors = v128.load(32);
  const oddBytes = v128.load(odd);
  const oddLowest = v128.load(odd, 16);
  const oddFactors = v128.load(odd, 32);
  const mask = i32x4.splat(bits === 32 ? -1 : (1 << bits) - 1);
  const down = 32 - bits;
  const slots = 512 / bits;
  const eights = slots >> 3;
  const half: usize = bits >> 1;
  for (; blocks > 0; blocks--) {
    let from = stream;
    for (let left = eights; left > 0; left--) {
      const even = cut(from, evenBytes, evenLowest, evenFactors, down, mask, wide);
      v128.store(sum, combine(v128.load(sum), even, subtract));
      const second = cut(from + half, oddBytes, oddLowest, oddFactors, down, mask, wide);
      v128.store(sum, combine(v128.load(sum, 16), second, subtract), 16);
      from += bits;
      sum += 32;
    }
    let rest = cut(from, evenBytes, evenLowest, evenFactors, down, mask, wide);
    if (slots & 4) {
      v128.store(sum, combine(v128.load(sum), rest, subtract));
      sum += 16;
      rest = cut(from + half, oddBytes, oddLowest, oddFactors, down, mask, wide);
    }
    if (slots & 2) {
      v128.store64_lane(sum, combine(v128.load64_zero(sum), rest, subtract), 0);
      sum += 8;
      rest = i64x2.shuffle(rest, rest, 1, 0);
    }
    if (slots & 1) {
      v128.store32_lane(sum, combine(v128.load32_zero(sum), rest, subtract), 0);
      sum += 4;
    }
    stream += 64;
  }
}

/**
 * sum ± the elements of whole blocks, modulo 2^32.
 *
 * @param sum address of u32[blocks * (512 div bits)]
 * @param stream address of the blocks, with 64 readable bytes behind them
 * @param bits 8..32
 * @param subtract 0 or 1
 */
export function addStream(sum: usize, stream: usize, blocks: i32, bits: i32, subtract: i32): void {
  preparePattern(0, 0, bits);
  preparePattern(odd, (bits << 2) & 7, bits);
  if (bits > 25) {
    if (subtract) addBlocks(sum, stream, blocks, bits, true, true);
    else addBlocks(sum, stream, blocks, bits, false, true);
  } else if (subtract) addBlocks(sum, stream, blocks, bits, true, false);
  else addBlocks(sum, stream, blocks, bits, false, false);
}

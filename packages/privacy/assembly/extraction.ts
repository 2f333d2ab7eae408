/**
 * b-bit elements cut from whole blocks of keystream, in the order in which bytes come from a cipher, and added to a sum in the order
 * of the elements. Compiled by ../scripts/build-kernels.ts; the twin in plain TypeScript is `addElements` in
 * ../src/masking/word-accumulator.ts.
 *
 * Four neighbouring elements lie in 4 b <= 128 bits, so one load holds them. A swizzle brings to each lane the four bytes in which
 * its element begins; as there is no shift by lane, a product with a power of two moves the element to the lane's top. There it
 * stays: sums modulo 2^32 of elements times 2^(32 - b) are sums modulo 2^b, and a mask is cheaper than a shift. Elements of more than
 * 25 bits may touch five bytes and are kept at the bottom. Eight elements are b whole bytes, so that two patterns, of an even and of
 * an odd four, serve for all.
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
function cut(stream: usize, bytes: v128, lowest: v128, factors: v128, mask: v128, wide: bool): v128 {
  const loaded = v128.load(stream);
  const moved = i32x4.mul(i8x16.swizzle(loaded, bytes), factors);
  if (!wide) return v128.and(moved, mask);
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
  const mask = i32x4.splat(bits === 32 ? -1 : wide ? (1 << bits) - 1 : -1 << (32 - bits));
  const slots = 512 / bits;
  const eights = slots >> 3;
  const half: usize = bits >> 1;
  for (; blocks > 0; blocks--) {
    let from = stream;
    for (let left = eights; left > 0; left--) {
      const even = cut(from, evenBytes, evenLowest, evenFactors, mask, wide);
      v128.store(sum, combine(v128.load(sum), even, subtract));
      const second = cut(from + half, oddBytes, oddLowest, oddFactors, mask, wide);
      v128.store(sum, combine(v128.load(sum, 16), second, subtract), 16);
      from += bits;
      sum += 32;
    }
    let rest = cut(from, evenBytes, evenLowest, evenFactors, mask, wide);
    if (slots & 4) {
      v128.store(sum, combine(v128.load(sum), rest, subtract));
      sum += 16;
      rest = cut(from + half, oddBytes, oddLowest, oddFactors, mask, wide);
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

/** Of 20 bits, the usual width: one pattern for all, and no loop in a block. */
// @ts-ignore: decorator
@inline
function addTwenties(sum: usize, stream: usize, blocks: i32, subtract: bool): void {
  // Loaded and not written as constants, which would be made anew for every use.
  const bytes = v128.load(0);
  const factors = v128.load(32);
  const mask = v128.load(48);
  for (; blocks > 0; blocks--) {
    v128.store(sum, combine(v128.load(sum), cut(stream, bytes, bytes, factors, mask, false), subtract));
    v128.store(sum, combine(v128.load(sum, 16), cut(stream + 10, bytes, bytes, factors, mask, false), subtract), 16);
    v128.store(sum, combine(v128.load(sum, 32), cut(stream + 20, bytes, bytes, factors, mask, false), subtract), 32);
    v128.store(sum, combine(v128.load(sum, 48), cut(stream + 30, bytes, bytes, factors, mask, false), subtract), 48);
    v128.store(sum, combine(v128.load(sum, 64), cut(stream + 40, bytes, bytes, factors, mask, false), subtract), 64);
    v128.store(sum, combine(v128.load(sum, 80), cut(stream + 50, bytes, bytes, factors, mask, false), subtract), 80);
    const last = load<u32>(stream, 60) << 12;
    store<u32>(sum, subtract ? load<u32>(sum, 96) - last : load<u32>(sum, 96) + last, 96);
    sum += 100;
    stream += 64;
  }
}

/** Of 16 bits, which need no more than zeros between them. */
// @ts-ignore: decorator
@inline
function addHalves(sum: usize, stream: usize, eights: i32, subtract: bool): void {
  const zero = i32x4.splat(0);
  for (let left = eights; left > 0; left--) {
    const loaded = v128.load(stream);
    const first = v128.shuffle<i16>(zero, loaded, 0, 8, 1, 9, 2, 10, 3, 11);
    const second = v128.shuffle<i16>(zero, loaded, 4, 12, 5, 13, 6, 14, 7, 15);
    v128.store(sum, combine(v128.load(sum), first, subtract));
    v128.store(sum, combine(v128.load(sum, 16), second, subtract), 16);
    stream += 16;
    sum += 32;
  }
}

/**
 * sum ± the elements of whole blocks, times 2^(32 - bits) where bits <= 25, modulo 2^32.
 *
 * @param sum address of u32[blocks * (512 div bits)]
 * @param stream address of the blocks, with 64 readable bytes behind them
 * @param bits 8..32
 * @param subtract 0 or 1
 */
export function addStream(sum: usize, stream: usize, blocks: i32, bits: i32, subtract: i32): void {
  if (bits === 16) {
    if (subtract) addHalves(sum, stream, blocks << 2, true);
    else addHalves(sum, stream, blocks << 2, false);
    return;
  }
  preparePattern(0, 0, bits);
  preparePattern(odd, (bits << 2) & 7, bits);
  if (bits === 20) {
    v128.store(48, i32x4.splat(-1 << 12));
    if (subtract) addTwenties(sum, stream, blocks, true);
    else addTwenties(sum, stream, blocks, false);
    return;
  }
  if (bits > 25) {
    if (subtract) addBlocks(sum, stream, blocks, bits, true, true);
    else addBlocks(sum, stream, blocks, bits, false, true);
  } else if (subtract) addBlocks(sum, stream, blocks, bits, true, false);
  else addBlocks(sum, stream, blocks, bits, false, false);
}

// @ts-ignore: decorator
@inline
function addEights(sum: usize, packed: usize, eights: i32, bits: i32, wide: bool): void {
  const evenBytes = v128.load(0);
  const evenLowest = v128.load(16);
  const evenFactors = v128.load(32);
  const oddBytes = v128.load(odd);
  const oddLowest = v128.load(odd, 16);
  const oddFactors = v128.load(odd, 32);
  const mask = i32x4.splat(bits === 32 ? -1 : wide ? (1 << bits) - 1 : -1 << (32 - bits));
  const half: usize = bits >> 1;
  for (let left = eights; left > 0; left--) {
    const even = cut(packed, evenBytes, evenLowest, evenFactors, mask, wide);
    v128.store(sum, i32x4.add(v128.load(sum), even));
    const second = cut(packed + half, oddBytes, oddLowest, oddFactors, mask, wide);
    v128.store(sum, i32x4.add(v128.load(sum, 16), second), 16);
    packed += bits;
    sum += 32;
  }
}

/** Of 32 bits, which are words already. */
// @ts-ignore: decorator
@inline
function addWords(sum: usize, packed: usize, eights: i32): void {
  for (let left = eights; left > 0; left--) {
    v128.store(sum, i32x4.add(v128.load(sum), v128.load(packed)));
    v128.store(sum, i32x4.add(v128.load(sum, 16), v128.load(packed, 16)), 16);
    packed += 32;
    sum += 32;
  }
}

/**
 * sum + densely packed elements, eight at a time, which are whole bytes; times 2^(32 - bits) where bits <= 25, modulo 2^32.
 *
 * @param sum address of u32[8 * eights]
 * @param packed address of the elements, with 16 readable bytes behind them
 * @param bits 8..32
 */
export function addDense(sum: usize, packed: usize, eights: i32, bits: i32): void {
  if (bits === 16) {
    addHalves(sum, packed, eights, false);
    return;
  }
  if (bits === 32) {
    addWords(sum, packed, eights);
    return;
  }
  preparePattern(0, 0, bits);
  preparePattern(odd, (bits << 2) & 7, bits);
  if (bits > 25) addEights(sum, packed, eights, bits, true);
  else addEights(sum, packed, eights, bits, false);
}

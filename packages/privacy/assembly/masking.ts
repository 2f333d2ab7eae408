/**
 * ChaCha20 (RFC 8439 section 2.3) four blocks at a time in 128-bit SIMD, its words cut into b-bit elements and added to an
 * accumulator at once: the keystream never touches more memory than a scratch of 256 bytes. Compiled by
 * ../scripts/build-kernels.ts; the twin in plain TypeScript is ../src/masking/chacha20.ts.
 *
 * Lane l of every vector belongs to block l of a group of four, so that an element's place in its block means the same shifts for
 * all lanes. The accumulator has that order too: [group][slot][lane] u32.
 */

// The scratch: sixteen vectors, word w of the four blocks at 16 w, and one that is read past the last word.
const scratch: usize = 0;

// @ts-ignore: decorator
@inline
function rotate16(value: v128): v128 {
  return i8x16.shuffle(value, value, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
}
// @ts-ignore: decorator
@inline
function rotate8(value: v128): v128 {
  return i8x16.shuffle(value, value, 3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14);
}
// @ts-ignore: decorator
@inline
function rotate12(value: v128): v128 {
  return v128.or(i32x4.shl(value, 12), i32x4.shr_u(value, 20));
}
// @ts-ignore: decorator
@inline
function rotate7(value: v128): v128 {
  return v128.or(i32x4.shl(value, 7), i32x4.shr_u(value, 25));
}

/** Four blocks from the counter on, into the scratch. @param key address of eight u32 */
function blocks(key: usize, nonce: u32, counter: u32): void {
  const k0 = v128.load32_splat(key);
  const k1 = v128.load32_splat(key, 4);
  const k2 = v128.load32_splat(key, 8);
  const k3 = v128.load32_splat(key, 12);
  const k4 = v128.load32_splat(key, 16);
  const k5 = v128.load32_splat(key, 20);
  const k6 = v128.load32_splat(key, 24);
  const k7 = v128.load32_splat(key, 28);
  const counters = i32x4.add(i32x4.splat(<i32>counter), i32x4(0, 1, 2, 3));
  const nonces = i32x4.splat(<i32>nonce);
  let x0 = i32x4.splat(0x61707865);
  let x1 = i32x4.splat(0x3320646e);
  let x2 = i32x4.splat(0x79622d32);
  let x3 = i32x4.splat(0x6b206574);
  let x4 = k0;
  let x5 = k1;
  let x6 = k2;
  let x7 = k3;
  let x8 = k4;
  let x9 = k5;
  let x10 = k6;
  let x11 = k7;
  let x12 = counters;
  let x13 = nonces;
  let x14 = i32x4.splat(0);
  let x15 = i32x4.splat(0);
  for (let round = 0; round < 10; round++) {
    // Columns, then diagonals; the four quarter rounds of each go side by side.
    x0 = i32x4.add(x0, x4); x1 = i32x4.add(x1, x5); x2 = i32x4.add(x2, x6); x3 = i32x4.add(x3, x7);
    x12 = rotate16(v128.xor(x12, x0)); x13 = rotate16(v128.xor(x13, x1)); x14 = rotate16(v128.xor(x14, x2)); x15 = rotate16(v128.xor(x15, x3));
    x8 = i32x4.add(x8, x12); x9 = i32x4.add(x9, x13); x10 = i32x4.add(x10, x14); x11 = i32x4.add(x11, x15);
    x4 = rotate12(v128.xor(x4, x8)); x5 = rotate12(v128.xor(x5, x9)); x6 = rotate12(v128.xor(x6, x10)); x7 = rotate12(v128.xor(x7, x11));
    x0 = i32x4.add(x0, x4); x1 = i32x4.add(x1, x5); x2 = i32x4.add(x2, x6); x3 = i32x4.add(x3, x7);
    x12 = rotate8(v128.xor(x12, x0)); x13 = rotate8(v128.xor(x13, x1)); x14 = rotate8(v128.xor(x14, x2)); x15 = rotate8(v128.xor(x15, x3));
    x8 = i32x4.add(x8, x12); x9 = i32x4.add(x9, x13); x10 = i32x4.add(x10, x14); x11 = i32x4.add(x11, x15);
    x4 = rotate7(v128.xor(x4, x8)); x5 = rotate7(v128.xor(x5, x9)); x6 = rotate7(v128.xor(x6, x10)); x7 = rotate7(v128.xor(x7, x11));

    x0 = i32x4.add(x0, x5); x1 = i32x4.add(x1, x6); x2 = i32x4.add(x2, x7); x3 = i32x4.add(x3, x4);
    x15 = rotate16(v128.xor(x15, x0)); x12 = rotate16(v128.xor(x12, x1)); x13 = rotate16(v128.xor(x13, x2)); x14 = rotate16(v128.xor(x14, x3));
    x10 = i32x4.add(x10, x15); x11 = i32x4.add(x11, x12); x8 = i32x4.add(x8, x13); x9 = i32x4.add(x9, x14);
    x5 = rotate12(v128.xor(x5, x10)); x6 = rotate12(v128.xor(x6, x11)); x7 = rotate12(v128.xor(x7, x8)); x4 = rotate12(v128.xor(x4, x9));
    x0 = i32x4.add(x0, x5); x1 = i32x4.add(x1, x6); x2 = i32x4.add(x2, x7); x3 = i32x4.add(x3, x4);
    x15 = rotate8(v128.xor(x15, x0)); x12 = rotate8(v128.xor(x12, x1)); x13 = rotate8(v128.xor(x13, x2)); x14 = rotate8(v128.xor(x14, x3));
    x10 = i32x4.add(x10, x15); x11 = i32x4.add(x11, x12); x8 = i32x4.add(x8, x13); x9 = i32x4.add(x9, x14);
    x5 = rotate7(v128.xor(x5, x10)); x6 = rotate7(v128.xor(x6, x11)); x7 = rotate7(v128.xor(x7, x8)); x4 = rotate7(v128.xor(x4, x9));
  }
  v128.store(scratch, i32x4.add(x0, i32x4.splat(0x61707865)));
  v128.store(scratch, i32x4.add(x1, i32x4.splat(0x3320646e)), 16);
  v128.store(scratch, i32x4.add(x2, i32x4.splat(0x79622d32)), 32);
  v128.store(scratch, i32x4.add(x3, i32x4.splat(0x6b206574)), 48);
  v128.store(scratch, i32x4.add(x4, k0), 64);
  v128.store(scratch, i32x4.add(x5, k1), 80);
  v128.store(scratch, i32x4.add(x6, k2), 96);
  v128.store(scratch, i32x4.add(x7, k3), 112);
  v128.store(scratch, i32x4.add(x8, k4), 128);
  v128.store(scratch, i32x4.add(x9, k5), 144);
  v128.store(scratch, i32x4.add(x10, k6), 160);
  v128.store(scratch, i32x4.add(x11, k7), 176);
  v128.store(scratch, i32x4.add(x12, counters), 192);
  v128.store(scratch, i32x4.add(x13, nonces), 208);
  v128.store(scratch, x14, 224);
  v128.store(scratch, x15, 240);
}

/**
 * accumulator ± mask stream of the key, modulo 2^32.
 *
 * @param accumulator address of u32[groups][512 div bits][4], 16-byte aligned
 * @param key address of the 32-byte seed
 * @param counter first block
 * @param sign all ones to subtract, zero to add
 */
export function addMask(accumulator: usize, key: usize, nonce: u32, counter: u32, groups: i32, bits: i32, sign: i32): void {
  const slots = 512 / bits;
  const mask = i32x4.splat(bits === 32 ? -1 : (1 << bits) - 1);
  // x ^ -1 is -x - 1: subtracting is adding the complement and one.
  const flip = i32x4.splat(sign);
  const one = i32x4.splat(sign & 1);
  for (let group = 0; group < groups; group++) {
    blocks(key, nonce, counter);
    counter += 4;
    let offset = 0;
    for (let slot = 0; slot < slots; slot++) {
      const shift = offset & 31;
      const word = scratch + ((<usize>(offset >> 5)) << 4);
      let value = i32x4.shr_u(v128.load(word), shift);
      if (shift + bits > 32) value = v128.or(value, i32x4.shl(v128.load(word, 16), 32 - shift));
      value = i32x4.add(v128.xor(v128.and(value, mask), flip), one);
      v128.store(accumulator, i32x4.add(v128.load(accumulator), value));
      accumulator += 16;
      offset += bits;
    }
  }
}

/**
 * accumulator += densely packed elements, for whole groups.
 *
 * @param packed address of groups * 4 * (512 div bits) elements of b bits, with eight readable bytes behind them
 */
export function addPacked(accumulator: usize, packed: usize, groups: i32, bits: i32): void {
  const slots = 512 / bits;
  const mask: u64 = bits === 32 ? 0xffffffff : (<u64>1 << bits) - 1;
  let at: usize = 0;
  for (let group = 0; group < groups; group++) {
    for (let lane = 0; lane < 4; lane++) {
      let place = accumulator + (lane << 2);
      for (let slot = 0; slot < slots; slot++) {
        const value = (load<u64>(packed + (at >> 3)) >> (at & 7)) & mask;
        store<u32>(place, load<u32>(place) + <u32>value);
        place += 16;
        at += bits;
      }
    }
    accumulator += (<usize>slots) << 4;
  }
}

/** For tests: four blocks of keystream, as they lie in the scratch. */
export function keystream(key: usize, nonce: u32, counter: u32): void {
  blocks(key, nonce, counter);
}

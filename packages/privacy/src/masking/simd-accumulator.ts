/** A sum in WebAssembly memory, in the order in which four blocks of keystream come out: [group of blocks][slot][lane]. */
import {
  checkPacked,
  checkSeed,
  checkSeeds,
  checkValues,
  elementsPerBlock,
  maskOf,
  type SliceShape,
} from './layout.ts';
import type { ModularAccumulator } from './modular-accumulator.ts';
import { packValues, unpackValues } from './packing.ts';
import { createMaskingKernel } from './simd-kernel.ts';

/** The kernel's scratch is below. */
const keyAt = 512;
const stagingAt = 1024;
/** Packed bytes that are brought in at a time. */
const stagingBytes = 65_536;

/** Null where SIMD, or memory in the form that it takes, is missing. */
export function simdAccumulator(shape: SliceShape): ModularAccumulator | null {
  const { length, bits, section, from } = shape;
  const perBlock = elementsPerBlock(bits);
  const perGroup = 4 * perBlock;
  const groups = Math.ceil(length / perGroup);
  // Behind the staging there is room for the eight bytes that are read past its end.
  const accumulatorAt = stagingAt + stagingBytes + 64;
  const kernel = createMaskingKernel(accumulatorAt + 16 * perBlock * groups);
  if (!kernel) return null;
  const { addMask: addKeystream } = kernel;
  const staging = new Uint8Array(kernel.buffer, stagingAt, stagingBytes);
  const key = new Uint8Array(kernel.buffer, keyAt, 32);
  const scratch = new Uint8Array(kernel.buffer, 0, keyAt);
  const sum = new Uint32Array(kernel.buffer, accumulatorAt, perGroup * groups);
  const mask = maskOf(bits);
  // Two groups at a time are whole bytes.
  const groupsAtOnce = 2 * Math.floor((8 * stagingBytes) / (2 * perGroup * bits));

  /** Calls with each element and its place in the sum, in order. */
  function values(): Uint32Array {
    const out = new Uint32Array(length);
    for (let group = 0, at = 0; group < groups; group++) {
      for (let lane = 0; lane < 4; lane++) {
        const end = Math.min(length, at + perBlock);
        for (let place = perGroup * group + lane; at < end; at++, place += 4) out[at] = sum[place] & mask;
      }
    }
    return out;
  }

  function addValues(added: Uint32Array, firstGroup = 0): void {
    for (let group = firstGroup, at = 0; at < added.length; group++) {
      for (let lane = 0; lane < 4; lane++) {
        const end = Math.min(added.length, at + perBlock);
        for (let place = perGroup * group + lane; at < end; at++, place += 4) sum[place] += added[at];
      }
    }
  }

  function addMask(seed: Uint8Array, sign: 1 | -1): void {
    checkSeed(seed);
    key.set(seed);
    addKeystream(accumulatorAt, keyAt, section, from / perBlock, groups, bits, sign === 1 ? 0 : -1);
    key.fill(0);
    scratch.fill(0);
  }

  return {
    ...shape,
    masking: 'wasm',
    addPacked(bytes) {
      checkPacked(bytes, length, bits);
      const whole = 2 * Math.floor(length / (2 * perGroup));
      for (let group = 0; group < whole; group += groupsAtOnce) {
        const count = Math.min(groupsAtOnce, whole - group);
        const start = (group * perGroup * bits) / 8;
        staging.set(bytes.subarray(start, start + (count * perGroup * bits) / 8));
        kernel.addPacked(accumulatorAt + 4 * perGroup * group, stagingAt, count, bits);
      }
      const rest = length - whole * perGroup;
      if (rest > 0) addValues(unpackValues(bytes.subarray((whole * perGroup * bits) / 8), rest, bits), whole);
    },
    addValues(added) {
      checkValues(added, length);
      addValues(added);
    },
    addMask,
    addMasks(seeds, signs) {
      checkSeeds(seeds, signs.length);
      for (const [i, sign] of signs.entries()) addMask(seeds.subarray(32 * i, 32 * (i + 1)), sign < 0 ? -1 : 1);
    },
    values,
    packed: () => packValues(values(), bits),
    reset() {
      sum.fill(0);
      staging.fill(0);
    },
  };
}

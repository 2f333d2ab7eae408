/** What the engines' tests add, drawn from numbers, and what comes of it in plain TypeScript. */
import { createModularAccumulator, packValues } from '@tributary/privacy';
import { expect } from 'vitest';
import type { ModularSum, SumSection } from './engine.ts';

/** What is added to a sum: values or a mask stream, both drawn from the number. */
export type Addition =
  | { readonly kind: 'packed'; readonly from: number }
  | { readonly kind: 'keystream'; readonly from: number; readonly sign: 1 | -1 };

/** 32-bit words from a number, cheap for 10^6 of them. */
export function wordsOf(count: number, from: number): Uint32Array {
  let state = (from ^ 0x9e37_79b9) >>> 0;
  return Uint32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state ^ (state >>> 15)) >>> 0;
  });
}

export const seedOf = (from: number): Uint8Array => new Uint8Array(wordsOf(8, from).buffer);

/** Float32 values over sixty binades, none of them subnormal, nor their products and sums: a device may flush those to zero. */
export const floatsOf = (count: number, from: number): Float32Array =>
  Float32Array.from(wordsOf(count, from), (word) => (word / 2 ** 31 - 1) * 2 ** ((word % 60) - 30));

export function packedOf(sections: readonly SumSection[], from: number): Uint8Array[] {
  return sections.map(({ length, bits }, section) =>
    packValues(
      wordsOf(length, from + section).map((word) => word >>> (32 - bits)),
      bits,
    ),
  );
}

/** Adds, and wipes at once what is the caller's again. */
export async function addTo(sum: ModularSum, additions: readonly Addition[]): Promise<void> {
  for (const addition of additions) {
    if (addition.kind === 'packed') {
      const packed = packedOf(sum.sections, addition.from);
      sum.addPacked(packed);
      for (const bytes of packed) bytes.fill(0xff);
      continue;
    }
    const seed = seedOf(addition.from);
    const room = sum.addKeystream(seed, addition.sign);
    seed.fill(0xff);
    await room;
  }
}

/** The same sum in plain TypeScript, one element at a time. */
export function expectedSum(sections: readonly SumSection[], additions: readonly Addition[]): Uint32Array[] {
  return sections.map(({ length, bits }, section) => {
    const accumulator = createModularAccumulator({ length, bits, section, masking: 'portable' });
    for (const addition of additions) {
      if (addition.kind === 'packed') accumulator.addPacked(packedOf(sections, addition.from)[section]);
      else accumulator.addMask(seedOf(addition.from), addition.sign);
    }
    return accumulator.values();
  });
}

/** Equal, without the seconds that `toEqual` takes for 10^6 elements. */
export function expectSame(actual: readonly Uint32Array[], expected: readonly Uint32Array[]): void {
  expect(actual.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
  actual.forEach((values, section) => {
    const at = values.findIndex((value, i) => value !== expected[section][i]);
    expect({ section, at, value: values[at] }).toEqual({ section, at: -1, value: undefined });
  });
}

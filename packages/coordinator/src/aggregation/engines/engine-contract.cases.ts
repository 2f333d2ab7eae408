/** What every engine owes, whatever does the work: one suite, run on each. */
import { elementsPerBlock } from '@tributary/privacy';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addPlain } from '../plain-accumulate.ts';
import { type Addition, addTo, expectedSum, expectSame, floatsOf } from './drawn-sums.cases.ts';
import type { AggregationEngine, SumSection } from './engine.ts';
import { describeRefusals } from './engine-refusals.cases.ts';

const anyAddition: fc.Arbitrary<Addition> = fc.oneof(
  fc.record({ kind: fc.constant('packed' as const), from: fc.nat() }),
  fc.record({ kind: fc.constant('keystream' as const), from: fc.nat(), sign: fc.constantFrom<1 | -1>(1, -1) }),
);

/** Lengths around whole blocks of the stream, and others. */
const anySection: fc.Arbitrary<SumSection> = fc.integer({ min: 8, max: 32 }).chain((bits) => {
  const around = fc
    .tuple(fc.integer({ min: 1, max: 70 }), fc.integer({ min: -1, max: 1 }))
    .map(([blocks, off]) => blocks * elementsPerBlock(bits) + off);
  const length = fc.oneof(fc.constantFrom(0, 1, 2, 3), around, fc.nat({ max: 3000 }));
  return length.map((n) => ({ length: n, bits }));
});

const bitsOf = (values: Float32Array): Uint32Array => new Uint32Array(values.slice().buffer);
const weights = fc.oneof(
  fc.constantFrom(0, 1, -1, 1 / 3, 1e-3),
  fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
  fc.double({ min: -1e3, max: -1e-3, noNaN: true }),
);

/**
 * @param open a new engine of the kind; it is closed when the suite ends
 * @param withoutIntegers why the engine has no modular sums; null where it has them
 */
export function describeEngine(
  name: string,
  open: () => Promise<AggregationEngine>,
  withoutIntegers: string | null = null,
): void {
  const skipped = withoutIntegers === null ? '' : ` (skipped: ${withoutIntegers})`;
  describe(`the ${name} engine`, () => {
    let engine: AggregationEngine;
    beforeAll(async () => {
      engine = await open();
    });
    afterAll(() => engine?.close());

    async function sumOf(
      sections: readonly SumSection[],
      additions: readonly Addition[],
    ): Promise<readonly Uint32Array[]> {
      const sum = await engine.openModularSum(sections);
      await addTo(sum, additions);
      const values = await sum.finish();
      await sum.close();
      return values;
    }

    it('says what does the work', () => {
      expect(engine.device.length).toBeGreaterThan(0);
    });

    describe.skipIf(skipped)(`adds modulo 2^b${skipped}`, () => {
      it('the same bits as plain TypeScript, for any sections, in any order', async () => {
        const additions = fc.array(anyAddition, { maxLength: 6 });
        const shuffled = additions.chain((all) =>
          fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
        );
        await fc.assert(
          fc.asyncProperty(fc.array(anySection, { maxLength: 3 }), shuffled, async (sections, [all, inOtherOrder]) => {
            const expected = expectedSum(sections, all);
            expectSame(await sumOf(sections, all), expected);
            expectSame(await sumOf(sections, inOtherOrder), expected);
          }),
          { numRuns: 25 },
        );
      });

      it.each(Array.from({ length: 25 }, (_, i) => 8 + i))('at the width of %i bits', async (bits) => {
        const length = 33 * elementsPerBlock(bits) + 1;
        const sections = [{ length, bits }];
        const additions: Addition[] = [
          { kind: 'packed', from: 100 + bits },
          { kind: 'keystream', from: 200 + bits, sign: -1 },
          { kind: 'keystream', from: 300 + bits, sign: 1 },
          { kind: 'packed', from: 400 + bits },
        ];
        expectSame(await sumOf(sections, additions), expectedSum(sections, additions));
      });

      it('300 masks of one device and the masks of 299 others, to nothing', async () => {
        const sections = [
          { length: 777, bits: 19 },
          { length: 5, bits: 32 },
        ];
        const masks = Array.from({ length: 300 }, (_, from): Addition => ({ kind: 'keystream', from, sign: 1 }));
        const removed = masks.map((_, i): Addition => ({ kind: 'keystream', from: 299 - i, sign: -1 }));
        const zeros = sections.map(({ length }) => new Uint32Array(length));
        expectSame(await sumOf(sections, [...masks, ...removed]), zeros);
        const upload: Addition = { kind: 'packed', from: 9 };
        expectSame(await sumOf(sections, [...masks, upload, ...removed]), expectedSum(sections, [upload]));
      });

      it('a million elements', async () => {
        const sections = [{ length: 1_000_003, bits: 18 }];
        const additions: Addition[] = [
          { kind: 'keystream', from: 1, sign: 1 },
          { kind: 'packed', from: 2 },
          { kind: 'keystream', from: 3, sign: -1 },
          { kind: 'packed', from: 4 },
        ];
        expectSame(await sumOf(sections, additions), expectedSum(sections, additions));
      });

      it('nothing to zeros', async () => {
        const sections = [
          { length: 41, bits: 8 },
          { length: 0, bits: 20 },
          { length: 1, bits: 32 },
        ];
        expectSame(await sumOf(sections, []), [new Uint32Array(41), new Uint32Array(0), new Uint32Array(1)]);
        expect(await sumOf([], [])).toEqual([]);
      });

      it('another sum after a reset, and nothing of the last one is in it', async () => {
        const sections = [
          { length: 3000, bits: 17 },
          { length: 7, bits: 24 },
        ];
        const sum = await engine.openModularSum(sections);
        await addTo(sum, [
          { kind: 'keystream', from: 1, sign: 1 },
          { kind: 'packed', from: 2 },
        ]);
        await sum.finish();
        const second: Addition[] = [
          { kind: 'packed', from: 3 },
          { kind: 'keystream', from: 4, sign: -1 },
        ];
        sum.reset();
        await addTo(sum, second);
        expectSame(await sum.finish(), expectedSum(sections, second));
        sum.reset();
        await addTo(sum, [
          { kind: 'keystream', from: 5, sign: 1 },
          { kind: 'packed', from: 6 },
        ]);
        // Before it was finished.
        sum.reset();
        await addTo(sum, second);
        expectSame(await sum.finish(), expectedSum(sections, second));
        await sum.close();
      });

      it('two sums at once, each by itself', async () => {
        const [few, many] = [
          [{ length: 500, bits: 12 }],
          [
            { length: 2000, bits: 12 },
            { length: 9, bits: 30 },
          ],
        ];
        const [a, b] = [await engine.openModularSum(few), await engine.openModularSum(many)];
        const toA: Addition[] = Array.from({ length: 5 }, (_, from) => ({ kind: 'keystream', from, sign: 1 }));
        const toB: Addition[] = Array.from({ length: 5 }, (_, from) => ({ kind: 'packed', from }));
        for (let i = 0; i < 5; i++) await Promise.all([addTo(a, [toA[i], toB[i]]), addTo(b, [toB[i], toA[i]])]);
        const [sumOfA, sumOfB] = await Promise.all([a.finish(), b.finish()]);
        const all = [...toA, ...toB];
        expectSame(sumOfA, expectedSum(few, all));
        expectSame(sumOfB, expectedSum(many, all));
        await Promise.all([a.close(), b.close()]);
      });
    });

    describe('adds float32 vectors', () => {
      async function floatSumOf(vectors: readonly Float32Array[], factors: readonly number[]): Promise<Float32Array> {
        const sum = await engine.openFloatSum(vectors[0].length);
        vectors.forEach((vector, i) => {
          const passed = vector.slice();
          sum.add(passed, factors[i]);
          passed.fill(Number.NaN);
        });
        const values = await sum.finish();
        await sum.close();
        return values;
      }

      it('rounded after the product and after the sum, in order', async () => {
        const length = fc.oneof(fc.constantFrom(0, 1, 2, 3), fc.nat({ max: 3000 }));
        await fc.assert(
          fc.asyncProperty(
            length,
            fc.array(fc.tuple(fc.nat(), weights), { minLength: 1, maxLength: 6 }),
            async (n, all) => {
              const vectors = all.map(([from]) => floatsOf(n, from));
              const expected = new Float32Array(n);
              all.forEach(([, weight], i) => addPlain(expected, vectors[i], weight));
              const factors = all.map(([, weight]) => weight);
              expectSame([bitsOf(await floatSumOf(vectors, factors))], [bitsOf(expected)]);
            },
          ),
          { numRuns: 25 },
        );
      });

      it('a million of them', async () => {
        const vectors = [floatsOf(1_000_003, 1), floatsOf(1_000_003, 2), floatsOf(1_000_003, 3)];
        const expected = new Float32Array(1_000_003);
        [1, 1 / 3, -7.5].forEach((weight, i) => addPlain(expected, vectors[i], weight));
        expectSame([bitsOf(await floatSumOf(vectors, [1, 1 / 3, -7.5]))], [bitsOf(expected)]);
      });

      it('from zero after a reset', async () => {
        const sum = await engine.openFloatSum(9);
        sum.add(floatsOf(9, 1), 2);
        sum.reset();
        sum.add(floatsOf(9, 2), 1);
        expect(await sum.finish()).toEqual(floatsOf(9, 2));
        sum.reset();
        expect(await sum.finish()).toEqual(new Float32Array(9));
        await sum.close();
      });
    });

    describeRefusals(() => engine, open, skipped);
  });
}

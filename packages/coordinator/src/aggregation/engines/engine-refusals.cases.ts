/** What every engine refuses. */
import { packedLength } from '@tributary/privacy';
import { describe, expect, it } from 'vitest';
import { addTo, expectedSum, expectSame, packedOf, seedOf } from './drawn-sums.cases.ts';
import type { AggregationEngine, FloatSum, ModularSum, SumSection } from './engine.ts';

/** @param skipped why what is about modular sums is not tested; empty where it is */
export function describeRefusals(
  engine: () => AggregationEngine,
  open: () => Promise<AggregationEngine>,
  skipped: string,
): void {
  const sections: readonly SumSection[] = [
    { length: 5, bits: 9 },
    { length: 2, bits: 32 },
  ];
  const finished = expect.objectContaining({ name: 'EngineError', code: 'finished' });
  const closed = expect.objectContaining({ name: 'EngineError', code: 'closed' });

  /** What an action throws, at once or later. */
  const failureOf = (action: () => unknown): Promise<unknown> =>
    Promise.resolve()
      .then(action)
      .then(
        () => 'nothing was thrown',
        (error: unknown) => error,
      );
  const actionsOf = (sum: ModularSum) => [
    () => sum.addPacked(packedOf(sections, 1)),
    () => sum.addKeystream(seedOf(1), 1),
    () => sum.finish(),
  ];
  const floatActionsOf = (sum: FloatSum) => [() => sum.add(new Float32Array(3), 1), () => sum.finish()];

  describe('refuses', () => {
    it.skipIf(skipped)(`what comes after the end of a sum, until it is reset${skipped}`, async () => {
      const sum = await engine().openModularSum(sections);
      await sum.finish();
      for (const action of actionsOf(sum)) expect(await failureOf(action)).toEqual(finished);
      sum.reset();
      await addTo(sum, [{ kind: 'packed', from: 1 }]);
      expectSame(await sum.finish(), expectedSum(sections, [{ kind: 'packed', from: 1 }]));
      await sum.close();
      await sum.close();
      for (const action of [...actionsOf(sum), () => sum.reset()]) expect(await failureOf(action)).toEqual(closed);
    });

    it('what comes after the end of a float32 sum', async () => {
      const sum = await engine().openFloatSum(3);
      await sum.finish();
      for (const action of floatActionsOf(sum)) expect(await failureOf(action)).toEqual(finished);
      await sum.close();
      await sum.close();
      for (const action of [...floatActionsOf(sum), () => sum.reset()]) expect(await failureOf(action)).toEqual(closed);
    });

    it('what comes after the end of the engine', async () => {
      const another = await open();
      const integers = skipped ? [] : actionsOf(await another.openModularSum(sections));
      const floats = await another.openFloatSum(3);
      await another.close();
      await another.close();
      const opened = [() => another.openModularSum(sections), () => another.openFloatSum(3)];
      for (const action of [...integers, ...floatActionsOf(floats), ...opened]) {
        expect(await failureOf(action)).toEqual(closed);
      }
    });

    it.skipIf(skipped)(`vectors and seeds of another shape, and the sum stays as it was${skipped}`, async () => {
      const sum = await engine().openModularSum(sections);
      const good = packedOf(sections, 7);
      const long = [good[0], new Uint8Array(packedLength(2, 32) + 1)];
      // 45 bits in 6 bytes: three are padding.
      const padded = [good[0].slice(), good[1]];
      padded[0][5] |= 0x20;
      for (const packed of [[], [good[0]], [...good, good[1]], [good[0].subarray(1), good[1]], long, padded]) {
        expect(await failureOf(() => sum.addPacked(packed))).toBeInstanceOf(RangeError);
      }
      for (const length of [0, 31, 33]) {
        expect(await failureOf(() => sum.addKeystream(new Uint8Array(length), 1))).toBeInstanceOf(RangeError);
      }
      expectSame(
        await sum.finish(),
        sections.map(({ length }) => new Uint32Array(length)),
      );
      await sum.close();
    });

    it('float32 vectors of another length', async () => {
      const sum = await engine().openFloatSum(3);
      for (const length of [0, 2, 4]) {
        expect(await failureOf(() => sum.add(new Float32Array(length), 1))).toBeInstanceOf(RangeError);
      }
      expect(await sum.finish()).toEqual(new Float32Array(3));
      await sum.close();
    });

    it.skipIf(skipped).each([
      { length: 1, bits: 7 },
      { length: 1, bits: 33 },
      { length: 1, bits: 8.5 },
      { length: -1, bits: 8 },
      { length: 0.5, bits: 8 },
    ])(`sections that no stream has: %o${skipped}`, async (section) => {
      expect(await failureOf(() => engine().openModularSum([section]))).toBeInstanceOf(RangeError);
    });

    it.each([-1, 0.5, Number.NaN])('a float32 sum of %d elements', async (length) => {
      expect(await failureOf(() => engine().openFloatSum(length))).toBeInstanceOf(RangeError);
    });
  });
}

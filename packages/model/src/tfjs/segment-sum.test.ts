import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { registerSegmentSumKernel } from './segment-sum.ts';

let restore = () => {};
afterEach(() => restore());

describe('segment sum kernel', () => {
  it('equals the stock kernel on rows of any width, ids outside the range left out', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.integer({ min: -1, max: 6 }), { minLength: 1, maxLength: 12 }),
        fc.infiniteStream(fc.float({ min: -4, max: 4, noNaN: true })),
        (segments, width, ids, stream) => {
          const values = Float32Array.from({ length: ids.length * width }, () => stream.next().value as number);
          const x = tf.tensor2d(values, [ids.length, width]);
          const segmentIds = tf.tensor1d(ids, 'int32');
          const stock = tf.unsortedSegmentSum(x, segmentIds, segments);
          const putBack = registerSegmentSumKernel();
          const ours = tf.unsortedSegmentSum(x, segmentIds, segments);
          putBack();
          expect(ours.shape).toEqual(stock.shape);
          const expected = stock.dataSync();
          ours.dataSync().forEach((value, i) => {
            expect(value).toBeCloseTo(expected[i], 4);
          });
        },
      ),
      { numRuns: 50 },
    );
  });

  it('gives the gradient of a gather: each row as often as it was gathered', () => {
    restore = registerSegmentSumKernel();
    const gradient = tf.grad((table: tf.Tensor) => tf.sum(tf.gather(table, tf.tensor1d([2, 0, 2], 'int32'))));
    expect(gradient(tf.ones([4, 2])).arraySync()).toEqual([
      [1, 1],
      [0, 0],
      [2, 2],
      [0, 0],
    ]);
  });

  it('keeps whole numbers whole, and segment ids of rank two', () => {
    restore = registerSegmentSumKernel();
    const x = tf.tensor2d([1, 2, 3, 4], [2, 2], 'int32');
    const sums = tf.unsortedSegmentSum(x, tf.tensor2d([0, 1, 1, 0], [2, 2], 'int32') as unknown as tf.Tensor1D, 2);
    expect(sums.dtype).toBe('int32');
    expect(Array.from(sums.dataSync())).toEqual([5, 5]);
  });
});

/** Sums on TensorFlow, whose native library nothing here depends on: skipped where it is not installed. */
import { afterAll, describe, expect, it } from 'vitest';
import { describeEngine } from '../engine-contract.cases.ts';
import { EngineError } from '../engine-error.ts';
import { openTensorflowEngine } from './tensorflow-engine.ts';

const opened = await openTensorflowEngine().then(
  (engine) => ({ engine, error: null }),
  (error: unknown) => ({ engine: null, error }),
);
afterAll(() => opened.engine?.close());
const without = opened.engine === null;
const reason = without ? ' (skipped: install @tensorflow/tfjs-node 4.22 beside @tributary/model)' : '';

describe.skipIf(without)(`with TensorFlow${reason}`, () => {
  describeEngine('tensorflow', openTensorflowEngine, 'it has no sums of integers');

  it('refuses sums of integers', async () => {
    await expect(opened.engine?.openModularSum([{ length: 1, bits: 8 }])).rejects.toMatchObject({
      name: 'EngineError',
      code: 'unsupported',
    });
  });

  it('refuses a length that TensorFlow.js would make empty', async () => {
    await expect(opened.engine?.openFloatSum(2 ** 36)).rejects.toMatchObject({ code: 'beyond-limits' });
  });

  it('adds vectors that begin anywhere in their buffer', async () => {
    const whole = Float32Array.from({ length: 100 }, (_, i) => i / 7);
    const sum = await opened.engine?.openFloatSum(37);
    sum?.add(whole.subarray(3, 40), 1);
    expect(await sum?.finish()).toEqual(whole.slice(3, 40));
    await sum?.close();
  });
});

describe.skipIf(!without)(`without TensorFlow${without ? '' : ' (skipped: it is installed here)'}`, () => {
  it('the engine says that it is missing, and how to get it', () => {
    expect(opened.error).toBeInstanceOf(EngineError);
    expect(opened.error).toMatchObject({ code: 'missing' });
    expect(String(opened.error)).toMatch(/cannot be used here \(.+\)\. Install @tensorflow\/tfjs-node/);
  });
});

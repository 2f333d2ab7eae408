/** Sums on TensorFlow, whose native library nothing here depends on: skipped where it is not installed. */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { addPlain } from '../../plain-accumulate.ts';
import { floatsOf } from '../drawn-sums.cases.ts';
import { EngineError } from '../engine-error.ts';
import { openTensorflowEngine } from './tensorflow-engine.ts';

const opened = await openTensorflowEngine().then(
  (engine) => ({ engine, error: null }),
  (error: unknown) => ({ engine: null, error }),
);
const without = opened.engine === null;
const reason = without ? ' (skipped: install @tensorflow/tfjs-node 4.22 beside @tributary/model)' : '';
afterAll(() => opened.engine?.close());

function theEngine() {
  if (!opened.engine) throw opened.error;
  return opened.engine;
}

const bits = (values: Float32Array) => new Uint32Array(values.slice().buffer);
const weights = fc.oneof(
  fc.constantFrom(0, 1, -1, 1 / 3, 1e-3),
  fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
  fc.double({ min: -1e3, max: -1e-3, noNaN: true }),
);

async function sumOf(vectors: readonly Float32Array[], factors: readonly number[]): Promise<Float32Array> {
  const sum = await theEngine().openFloatSum(vectors[0].length);
  vectors.forEach((vector, i) => {
    const passed = vector.slice();
    sum.add(passed, factors[i]);
    passed.fill(Number.NaN);
  });
  const values = await sum.finish();
  await sum.close();
  return values;
}

function plainSumOf(vectors: readonly Float32Array[], factors: readonly number[]): Float32Array {
  const values = new Float32Array(vectors[0].length);
  vectors.forEach((vector, i) => void addPlain(values, vector, factors[i]));
  return values;
}

const code = (name: string) => expect.objectContaining({ name: 'EngineError', code: name });

describe.skipIf(without)(`the tensorflow engine${reason}`, () => {
  it('adds the same bits as plain TypeScript, in order', async () => {
    const length = fc.oneof(fc.constantFrom(0, 1, 2, 3), fc.nat({ max: 3000 }));
    const additions = fc.array(fc.tuple(fc.nat(), weights), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(length, additions, async (n, all) => {
        const vectors = all.map(([from]) => floatsOf(n, from));
        const factors = all.map(([, weight]) => weight);
        expect(bits(await sumOf(vectors, factors))).toEqual(bits(plainSumOf(vectors, factors)));
      }),
      { numRuns: 30 },
    );
  });

  it('adds the same bits over a million numbers, from anywhere in a buffer', async () => {
    const vectors = [1, 2, 3].map((from) => floatsOf(1_000_006, from).subarray(3));
    const factors = [1, 1 / 3, -7.5];
    const [ours, plain] = [bits(await sumOf(vectors, factors)), bits(plainSumOf(vectors, factors))];
    expect(Buffer.compare(Buffer.from(ours.buffer), Buffer.from(plain.buffer))).toBe(0);
  });

  it('starts from zero after a reset, finished or not', async () => {
    const sum = await theEngine().openFloatSum(9);
    sum.add(floatsOf(9, 1), 2);
    sum.reset();
    sum.add(floatsOf(9, 2), 1);
    expect(await sum.finish()).toEqual(floatsOf(9, 2));
    sum.reset();
    expect(await sum.finish()).toEqual(new Float32Array(9));
    await sum.close();
  });

  it('refuses vectors after the end, and after the close of the sum or of the engine', async () => {
    const another = await openTensorflowEngine();
    const [sum, left] = [await another.openFloatSum(3), await another.openFloatSum(3)];
    await sum.finish();
    expect(() => sum.add(new Float32Array(3), 1)).toThrow(code('finished'));
    await expect(sum.finish()).rejects.toThrow(code('finished'));
    await sum.close();
    await sum.close();
    expect(() => sum.reset()).toThrow(code('closed'));
    await another.close();
    expect(() => left.add(new Float32Array(3), 1)).toThrow(code('closed'));
    await expect(another.openFloatSum(3)).rejects.toThrow(code('closed'));
  });

  it('refuses lengths that are none, and what TensorFlow.js would make empty', async () => {
    for (const length of [-1, 0.5, Number.NaN]) {
      await expect(theEngine().openFloatSum(length)).rejects.toBeInstanceOf(RangeError);
    }
    await expect(theEngine().openFloatSum(2 ** 36)).rejects.toThrow(code('beyond-limits'));
  });

  it('has no sums of integers', async () => {
    await expect(theEngine().openModularSum([{ length: 1, bits: 8 }])).rejects.toThrow(code('unsupported'));
  });
});

describe.skipIf(!without)(`without TensorFlow${without ? '' : ' (skipped: it is installed here)'}`, () => {
  it('the engine says that it is missing, and how to get it', () => {
    expect(opened.error).toBeInstanceOf(EngineError);
    expect(opened.error).toEqual(code('missing'));
    expect(String(opened.error)).toMatch(/cannot be used here \(.+\)\. Install @tensorflow\/tfjs-node/);
  });
});

/** Whether an engine adds what it should on this machine: a device with a wrong driver is found before a round is. */
import { createModularAccumulator } from '@tributary/privacy';
import { addPlain } from '../plain-accumulate.ts';
import type { AggregationEngine, SumSection } from './engine.ts';
import { EngineError } from './engine-error.ts';

/** Two widths, and lengths that are no multiples of anything a device works in. */
const sections: readonly SumSection[] = [
  { length: 1003, bits: 20 },
  { length: 5, bits: 32 },
];
const seed = Uint8Array.from({ length: 32 }, (_, i) => 7 * i + 1);

/**
 * Adds little and compares with plain TypeScript.
 * @throws EngineError 'missing' where the sums are wrong, or as the engine's methods do
 */
export async function checkSums(engine: AggregationEngine): Promise<void> {
  const right = (await addsKeystreams(engine)) && (await addsFloats(engine));
  if (right) return;
  throw new EngineError(
    'missing',
    `The ${engine.name} engine adds wrongly on ${engine.device}: it is not used. Update the driver or the library, or choose another engine.`,
  );
}

async function addsKeystreams(engine: AggregationEngine): Promise<boolean> {
  const sum = await unlessUnsupported(engine.openModularSum(sections));
  if (!sum) return true;
  try {
    await sum.addKeystream(seed, -1);
    const values = await sum.finish();
    return sections.every(({ length, bits }, section) => {
      const expected = createModularAccumulator({ length, bits, section, masking: 'portable' });
      expected.addMask(seed, -1);
      return equal(values[section], expected.values());
    });
  } finally {
    await sum.close();
  }
}

async function addsFloats(engine: AggregationEngine): Promise<boolean> {
  const vector = Float32Array.from({ length: 1003 }, (_, i) => Math.sin(i) + 0.1);
  const sum = await unlessUnsupported(engine.openFloatSum(vector.length));
  if (!sum) return true;
  try {
    const expected = new Float32Array(vector.length);
    for (const weight of [1 / 3, 0.7]) {
      sum.add(vector, weight);
      addPlain(expected, vector, weight);
    }
    return equal(await sum.finish(), expected);
  } finally {
    await sum.close();
  }
}

function equal<T extends Uint32Array | Float32Array>(values: T, expected: T): boolean {
  return values.length === expected.length && values.every((value, i) => value === expected[i]);
}

/** Null where the engine has no such sums. */
export async function unlessUnsupported<Sum>(opening: Promise<Sum>): Promise<Sum | null> {
  try {
    return await opening;
  } catch (error) {
    if (error instanceof EngineError && error.code === 'unsupported') return null;
    throw error;
  }
}

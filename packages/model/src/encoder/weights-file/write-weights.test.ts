import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../safetensors/index.ts';
import { encoderGoldens, relativeDifference, unpack, weightSource } from '../network/network.cases.ts';
import { requiredWeights } from '../network/required-weights.ts';
import { openWeights } from './open-weights.ts';
import { writeWeights } from './write-weights.ts';

async function bytesOf(parts: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const bytes: number[] = [];
  for await (const part of parts) bytes.push(...part);
  return Uint8Array.from(bytes);
}

const opened = async (parts: AsyncIterable<Uint8Array>) =>
  openWeights([{ name: 'written', source: bytesSource(await bytesOf(parts)) }]);

describe.each(encoderGoldens.map((golden) => [golden.architecture, golden] as const))('%s', (_, golden) => {
  const { configuration, weights } = golden;
  const required = requiredWeights(configuration);

  it('is written bit by bit in float32, without a head’s prefix', async () => {
    const written = await opened(writeWeights(configuration, weightSource(weights, 'bert.'), { int8: false }));
    expect(written.names.toSorted()).toEqual(required.map(({ name }) => name).toSorted());
    for (const { name } of required) expect(await written.read(name)).toEqual(unpack(weights[name]));
  });

  it('is written in int8 to half a level of each row, its vectors exactly', async () => {
    const metadata = { made: 'here' };
    const parts = writeWeights(configuration, weightSource(weights), { int8: true, metadata });
    const written = await opened(parts);
    expect(written.metadata).toEqual(metadata);
    for (const { name, shape } of required) {
      const [ours, theirs] = [await written.read(name), unpack(weights[name])];
      expect(written.shapeOf(name)).toEqual(shape);
      if (shape.length === 1) {
        expect(ours).toEqual(theirs);
        continue;
      }
      const [rows, columns] = shape;
      for (let row = 0; row < rows; row++) {
        const of = (values: Float32Array) => values.subarray(row * columns, (row + 1) * columns);
        const level = Math.max(...of(theirs).map(Math.abs)) / 127;
        of(ours).forEach((value, i) => {
          expect(Math.abs(value - of(theirs)[i])).toBeLessThanOrEqual(0.5001 * level);
        });
      }
      expect(relativeDifference(ours, theirs)).toBeGreaterThan(0);
    }
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../random/seeded.ts';
import { attributeRows } from './attribute-rows.ts';
import { backThroughFusion, backToTexts, type FusionParameters, fuseRows, gateOf, type UnfusedRows } from './fusion.ts';

const width = 3;
const textWidth = 4;
const features = { columns: 3, values: Float64Array.from([1, 0, 2, 1, 1, 0, 1, 0, 0, 1, 0.5, 0, 1, 1, 1]) };
const inputs = { width, attributes: attributeRows(features) };

function drawn(seed: number) {
  const random = seededRandom(seed);
  const draw = (size: number) => Float32Array.from({ length: size }, () => random.gaussian());
  const rows: UnfusedRows = {
    items: Uint32Array.from([4, 0, 3]),
    ids: draw(3 * width),
    texts: draw(3 * textWidth),
  };
  const fusion: FusionParameters = {
    counts: Float32Array.from([0.3, 0, 1, -0.2, 0.02]),
    gate: draw(1),
    textProjection: draw(textWidth * width),
    attributeVectors: draw(3 * width),
  };
  return { rows, fusion, moves: draw(3 * width), draw };
}

const inner = (left: ArrayLike<number>, right: ArrayLike<number>) =>
  Array.from(left).reduce((sum, value, at) => sum + value * right[at], 0);

describe('fusion', () => {
  it('is the gated id, the projected text and the attribute vectors, added', () => {
    const { rows, fusion } = drawn(1);
    const fused = fuseRows(rows, fusion, inputs);
    const item = rows.items[1];
    const id = rows.ids.subarray(width, 2 * width);
    const gate = 0.3 / (0.3 + 0.01 * Math.exp(fusion.gate[0]));
    for (let k = 0; k < width; k++) {
      let expected = gate * id[k];
      for (let t = 0; t < textWidth; t++) expected += rows.texts[textWidth + t] * fusion.textProjection[t * width + k];
      for (let c = 0; c < 3; c++) {
        expected += features.values[item * 3 + c] * fusion.attributeVectors[c * width + k];
      }
      expect(fused[width + k]).toBeCloseTo(expected, 5);
    }
  });

  it('hands moves back by the transposed Jacobian: finite differences of any direction agree to 1e-3', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        const { rows, fusion, moves, draw } = drawn(seed);
        const back = backThroughFusion(moves, rows, fusion, inputs);
        const direction = {
          ids: draw(rows.ids.length),
          gate: draw(1),
          textProjection: draw(fusion.textProjection.length),
          attributeVectors: draw(fusion.attributeVectors.length),
        };
        const step = 1e-2;
        const at = (sign: number) => {
          const moved = (values: Float32Array, by: Float32Array) =>
            values.map((value, i) => value + sign * step * by[i]);
          return fuseRows(
            { ...rows, ids: moved(rows.ids, direction.ids) },
            {
              counts: fusion.counts,
              gate: moved(fusion.gate, direction.gate),
              textProjection: moved(fusion.textProjection, direction.textProjection),
              attributeVectors: moved(fusion.attributeVectors, direction.attributeVectors),
            },
            inputs,
          );
        };
        const difference = at(1).map((value, i) => value - at(-1)[i]);
        const expected = inner(difference, moves) / (2 * step);
        const actual =
          inner(direction.ids, back.ids) +
          inner(direction.gate, back.gate) +
          inner(direction.textProjection, back.textProjection) +
          inner(direction.attributeVectors, back.attributeVectors);
        expect(Math.abs(actual - expected)).toBeLessThan(3e-3 * (1 + Math.abs(expected)));
      }),
      { numRuns: 50 },
    );
  });

  it('asks of texts what the projection, transposed, makes of moves', () => {
    const { rows, fusion, moves } = drawn(3);
    const asked = backToTexts(moves, fusion.textProjection, width);
    const projected = fuseRows(
      { ...rows, ids: rows.ids.map(() => 0) },
      { ...fusion, attributeVectors: fusion.attributeVectors.map(() => 0) },
      inputs,
    );
    expect(inner(asked, rows.texts)).toBeCloseTo(inner(projected, moves), 3);
  });

  it('trusts an id the more, the more people have taught it, and not at all where nobody has', () => {
    const gateAt = (count: number) => gateOf(0, { counts: Float32Array.of(count), gate: Float32Array.of(0) });
    expect(gateAt(0)).toBe(0);
    expect(gateAt(-1)).toBe(0);
    expect(gateAt(0.01)).toBeCloseTo(0.5, 6);
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 1e-3, max: 1, noNaN: true }),
        (c, more) => {
          expect(gateAt(c + more)).toBeGreaterThan(gateAt(c));
        },
      ),
    );
  });
});

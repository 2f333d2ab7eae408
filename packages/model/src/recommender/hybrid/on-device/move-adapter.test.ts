import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../random/seeded.ts';
import { linearEncoder } from './linear-encoder.cases.ts';
import type { OnDeviceModel } from './model.ts';
import { moveAdapter } from './move-adapter.ts';

const width = 2;
const textWidth = 3;

function drawn(texts: number) {
  const random = seededRandom(4);
  const draw = (size: number) => Float32Array.from({ length: size }, () => random.gaussian());
  const encoder = linearEncoder(draw(6 * textWidth), textWidth);
  const adapter = { rate: 0.5, texts, size: 9, rank: 1, alpha: 1, targets: [], lastLayers: null, frozenA: true };
  // moveAdapter reads nothing else of a model.
  const scoring = { model: { privateSize: width } };
  const model = { width, scoring, options: { encoder }, specification: { adapter } } as unknown as OnDeviceModel;
  const fusion = { textProjection: draw(textWidth * width), ownTextProjection: draw(textWidth * width) };
  return { draw, encoder, model, fusion, parameters: draw(9) };
}

const inner = (left: ArrayLike<number>, right: ArrayLike<number>) =>
  Array.from(left).reduce((sum, value, at) => sum + value * right[at], 0);

describe("an adapter's move", () => {
  it('is the exact gradient of the moves of fused vectors and of the user, through encoder and projections', () => {
    const { draw, encoder, model, fusion, parameters } = drawn(10);
    const items = Uint32Array.from([3, 1, 4]);
    const moves = draw(3 * width);
    const userMoves = draw(width);
    const history = { items, ownText: 5 };
    const move = moveAdapter(model, parameters, fusion, { items, moves, userMoves, history }, seededRandom(1));
    const along = (by: Float32Array, projection: Float32Array, rows: Uint32Array, towards: Float32Array) => {
      const encoded = encoder.encode(by, rows);
      let total = 0;
      rows.forEach((_, row) => {
        for (let k = 0; k < width; k++) {
          for (let t = 0; t < textWidth; t++) {
            total += encoded[row * textWidth + t] * projection[t * width + k] * towards[row * width + k];
          }
        }
      });
      return total;
    };
    // Encodings are linear in the adapter, so a directional derivative is the function of the direction itself.
    const direction = draw(9);
    const expected =
      along(direction, fusion.textProjection, items, moves) +
      along(direction, fusion.ownTextProjection, Uint32Array.of(5), userMoves);
    expect(inner(move ?? [], direction)).toBeCloseTo(0.5 * expected, 4);
  });

  it('takes gradients through no more texts than the task allows, and on average through all', () => {
    const { draw, model, fusion, parameters } = drawn(1);
    const all = drawn(10).model;
    const items = Uint32Array.from([0, 1, 2]);
    const trained = { items, moves: draw(3 * width), userMoves: draw(width), history: { items } };
    const whole = moveAdapter(all, parameters, fusion, trained, seededRandom(1)) ?? new Float32Array(9);
    const mean = new Float64Array(9);
    const draws = 3000;
    const random = seededRandom(2);
    for (let draw = 0; draw < draws; draw++) {
      moveAdapter(model, parameters, fusion, trained, random)?.forEach((value, at) => {
        mean[at] += value / draws;
      });
    }
    const size = Math.hypot(...whole);
    whole.forEach((value, at) => {
      expect(Math.abs(mean[at] - value)).toBeLessThan(0.2 * size);
    });
  });
});

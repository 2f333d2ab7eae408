/** Plan `full`: what a device's moves ask of the encoder's adapter, through a few texts of its own. */
import { shuffle } from '../../../random/seeded.ts';
import type { History, TrainingRandom } from '../../recommender.ts';
import { gatherRows } from './columns.ts';
import { backToTexts } from './fusion.ts';
import type { fusionViews, OnDeviceModel } from './model.ts';

export interface TrainedMoves {
  /** Items whose fused vectors moved. */
  readonly items: Uint32Array;
  /** [items.length, w] */
  readonly moves: Float32Array;
  /** [privateSize], of the user's vector from where it started. */
  readonly userMoves: Float32Array;
  readonly history: History;
}

/**
 * The vector-Jacobian product of the encodings' moves through up to `adapter.texts` of the items, drawn anew in every round and
 * multiplied by how many stand for one, and through the person's own text. Null where this device does not train the adapter.
 */
export function moveAdapter(
  { specification, options, width, scoring }: OnDeviceModel,
  adapter: Float32Array | null,
  fusion: Pick<ReturnType<typeof fusionViews>, 'textProjection' | 'ownTextProjection'>,
  { items, moves, userMoves, history }: TrainedMoves,
  random: TrainingRandom,
): Float32Array | null {
  const { encoder, trainsAdapter = true } = options;
  if (!specification.adapter || !encoder || !adapter || !trainsAdapter) return null;
  const { texts, rate } = specification.adapter;
  const order = shuffle(
    Uint32Array.from(items, (_, row) => row),
    random,
  );
  const { ownText } = history;
  // The person's own text is one of those that the task allows.
  const chosen = order.subarray(0, texts - (ownText === undefined ? 0 : 1));
  const asked = new Float32Array(chosen.length * width);
  gatherRows(moves, width, chosen, asked, 0, width);
  const standsFor = items.length / Math.max(1, chosen.length);
  const rows = [...Array.from(chosen, (row) => items[row]), ...(ownText === undefined ? [] : [ownText])];
  const gradient = new Float32Array(rows.length * encoder.width);
  gradient.set(backToTexts(asked, fusion.textProjection, width).map((value) => standsFor * value));
  if (ownText !== undefined) {
    gradient.set(
      backToTexts(userMoves, fusion.ownTextProjection, scoring.model.privateSize),
      chosen.length * encoder.width,
    );
  }
  return encoder.gradient(adapter, gradient, Uint32Array.from(rows)).map((value) => rate * value);
}

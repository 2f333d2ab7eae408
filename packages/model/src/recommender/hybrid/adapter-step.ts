/** The adapter's part of the plan `public-items`: the round's sums, carried on through fusion and projection into the encoder. */
import type { TrainableEncoder } from '../../encodings/trainable-encoder.ts';
import { seededRandom, shuffle } from '../../random/seeded.ts';
import { createAdam } from '../local-sgd/adam.ts';
import type { AdapterFit } from '../specification.ts';
import type { FusedFeatures, TextColumns } from './fused-features.ts';
import { type RoundTargets, weightedRidge } from './fused-step.ts';

/** Every fifth item that the round touched is kept from the fit, and says afterwards whether it was worth it. */
const heldOutOf = 5;
/** Of Adam's second moment. */
const beta2 = 0.999;
/** The order of texts is drawn alike in every round and after every restart. */
const orderSeed = 0;

export interface AdapterTargets extends RoundTargets {
  /** [d * d], H: how directions of item vectors weigh in the whole-data loss; any factor. */
  readonly metric: Float64Array;
}

export interface AdapterFitted {
  /** Null where held-out items were not predicted better: the encoder stays as it was. */
  readonly adapter: Float32Array | null;
  readonly features: FusedFeatures;
  /** Of items kept from the fit, of their own size; both 0 where there are none. */
  readonly heldOutLoss: { readonly frozen: number; readonly adapted: number };
}

/**
 * Fits the adapter to the round's targets from its first parameters, by Adam on sum_i k_i (f_i B - y_i) H (f_i B - y_i)^T, batches of
 * `texts` items at a time.
 *
 * B is solved anew for every batch (variable projection, Golub and Pereyra 1973), from items outside the batch: with the batch among
 * them the ridge would have fitted part of the error already, and the adapter would learn to remember items; it is meant for
 * those that no one has touched. Encodings of other items are those of the last step that saw them.
 *
 * The fit starts afresh every round and keeps nothing: a coordinator that is restarted takes the same steps.
 *
 * @param features of the frozen encoder; with zero steps they are returned as they are
 * @param frozen [items * width], encodings under the first parameters, where they are known already
 * @throws TypeError when the encoder has another number of texts than there are items, or features are of attributes alone
 */
export function fitAdapter(
  targets: AdapterTargets,
  features: FusedFeatures,
  encoder: TrainableEncoder,
  { steps, learningRate, texts }: Pick<AdapterFit, 'steps' | 'learningRate' | 'texts'>,
  frozen = encoder.encode(encoder.initialAdapter(0)),
): AdapterFitted {
  const { text } = features;
  const items = targets.counts.length;
  if (!text || encoder.texts !== items) {
    throw new TypeError(`An adapter needs the texts of ${items} items; got ${text ? encoder.texts : 'none'}.`);
  }
  const touched = Array.from(targets.counts, (_, item) => item).filter((item) => targets.counts[item] > 0);
  const order = Uint32Array.from(touched);
  const random = seededRandom(orderSeed);
  shuffle(order, random);
  const heldOut = order.slice(0, Math.floor(order.length / heldOutOf));
  const fitted = order.slice(heldOut.length);
  const unchanged = { adapter: null, features, heldOutLoss: { frozen: 0, adapted: 0 } };
  if (steps === 0 || heldOut.length === 0) return unchanged;

  const changing = { ...features, values: features.values.slice() };
  const adapter = encoder.initialAdapter(0).slice();
  const move = createAdam(adapter.length, { learningRate, beta2 });
  const size = Math.min(texts, Math.max(1, Math.floor(fitted.length / 2)));
  let next = fitted.length;
  for (let step = 0; step < steps; step++) {
    if (next + size > fitted.length) {
      shuffle(fitted, random);
      next = 0;
    }
    const rows = fitted.slice(next, next + size);
    next += size;
    moveText(changing, features, { frozen, now: encoder.encode(adapter, rows), width: encoder.width }, rows);
    const projection = ridgeWithout(targets, changing, [heldOut, rows]);
    const outer = encodingGradient(targets, changing, projection, rows, encoder.width);
    move(adapter, encoder.gradient(adapter, outer, rows));
  }

  const every = Uint32Array.from({ length: items }, (_, item) => item);
  moveText(changing, features, { frozen, now: encoder.encode(adapter), width: encoder.width }, every);
  const lossOf = (of: FusedFeatures) => weightedLoss(targets, of, ridgeWithout(targets, of, [heldOut]), heldOut);
  const nothing = new Float64Array((features.columns * targets.vectors.length) / items);
  const total = weightedLoss(targets, features, nothing, heldOut);
  const heldOutLoss = { frozen: lossOf(features) / total, adapted: lossOf(changing) / total };
  if (!(heldOutLoss.adapted < heldOutLoss.frozen)) return { ...unchanged, heldOutLoss };
  return { adapter, features: changing, heldOutLoss };
}

/** sum over rows of k_i (f_i B - y_i) H (f_i B - y_i)^T */
export function weightedLoss(
  targets: AdapterTargets,
  features: FusedFeatures,
  projection: Float64Array,
  rows: Uint32Array,
): number {
  let loss = 0;
  for (const row of rows) {
    const { residual, weighed } = residualOf(targets, features, projection, row);
    for (let k = 0; k < residual.length; k++) loss += targets.curvatures[row] * residual[k] * weighed[k];
  }
  return loss;
}

/** [rows * width]: the gradient of `weightedLoss` with respect to the rows' encodings, B held. */
export function encodingGradient(
  targets: AdapterTargets,
  features: FusedFeatures,
  projection: Float64Array,
  rows: Uint32Array,
  width: number,
): Float32Array {
  const text = features.text as TextColumns;
  const gradient = new Float32Array(rows.length * width);
  rows.forEach((row, at) => {
    const { weighed } = residualOf(targets, features, projection, row);
    const d = weighed.length;
    for (let column = 0; column < text.columns; column++) {
      let slope = 0;
      for (let k = 0; k < d; k++) slope += projection[(text.offset + column) * d + k] * weighed[k];
      slope *= 2 * targets.curvatures[row] * text.scale;
      if (!text.directions) gradient[at * width + column] = slope;
      else for (let i = 0; i < width; i++) gradient[at * width + i] += slope * text.directions[column * width + i];
    }
  });
  return gradient;
}

/** r = f B - y of a row, and r H. */
function residualOf(
  { vectors, counts, metric }: AdapterTargets,
  { columns, values }: FusedFeatures,
  projection: Float64Array,
  row: number,
): { readonly residual: Float64Array; readonly weighed: Float64Array } {
  const d = vectors.length / counts.length;
  const residual = Float64Array.from({ length: d }, (_, k) => -vectors[row * d + k]);
  for (let column = 0; column < columns; column++) {
    const value = values[row * columns + column];
    if (value === 0) continue;
    for (let k = 0; k < d; k++) residual[k] += value * projection[column * d + k];
  }
  const weighed = new Float64Array(d);
  for (let i = 0; i < d; i++) for (let k = 0; k < d; k++) weighed[k] += residual[i] * metric[i * d + k];
  return { residual, weighed };
}

function ridgeWithout(targets: AdapterTargets, features: FusedFeatures, left: readonly Uint32Array[]): Float64Array {
  const counts = Float64Array.from(targets.counts);
  for (const rows of left) for (const row of rows) counts[row] = 0;
  const d = targets.vectors.length / counts.length;
  return weightedRidge(targets.vectors, d, { counts, curvatures: targets.curvatures }, features);
}

interface MovedEncodings {
  /** [items * width] */
  readonly frozen: Float32Array;
  /** [rows * width] */
  readonly now: Float32Array;
  readonly width: number;
}

/** Text columns of the rows: the frozen encoder's, moved by what their encodings moved by. */
function moveText(
  into: FusedFeatures,
  from: FusedFeatures,
  { frozen, now, width }: MovedEncodings,
  rows: Uint32Array,
): void {
  const { offset, columns, scale, directions } = from.text as TextColumns;
  rows.forEach((row, at) => {
    for (let column = 0; column < columns; column++) {
      const place = row * from.columns + offset + column;
      let move = 0;
      if (!directions) move = now[at * width + column] - frozen[row * width + column];
      else
        for (let i = 0; i < width; i++)
          move += directions[column * width + i] * (now[at * width + i] - frozen[row * width + i]);
      into.values[place] = from.values[place] + scale * move;
    }
  });
}

/** One version of an on-device hybrid: fitting a person's vector, training, scoring. */

import { distinctItems, drawExamples, localPasses } from '../../local-sgd/examples.ts';
import { splitShared } from '../../local-sgd/model.ts';
import { fitPrivateVector } from '../../local-sgd/private-fit.ts';
import type { FrozenScorer } from '../../local-sgd/scorer.ts';
import { addScaled, dot } from '../../local-sgd/vector.ts';
import type { BoundRecommender, History } from '../../recommender.ts';
import { type Keys, mostKeys } from './attend.ts';
import { joinColumns, splitColumns } from './columns.ts';
import { fusedTable } from './fused-table.ts';
import { backThroughFusion } from './fusion.ts';
import { contributionOf } from './grouped-contribution.ts';
import { fusionViews, type OnDeviceModel } from './model.ts';
import { moveAdapter } from './move-adapter.ts';
import { adaptedEncodings, type RowEncodings } from './row-encodings.ts';
import { meanOfRows, ownTextOf, startVector } from './start-vector.ts';

const noKeys: Keys = { rows: new Uint32Array(0), vectors: new Float32Array(0) };

export function bindOnDevice(model: OnDeviceModel, shared: Float32Array): BoundRecommender {
  const { specification, scoring, width } = model;
  const { itemCount, local, fusionRate } = specification;
  const fusion = fusionViews(model, shared);
  const inputs = { width, attributes: model.attributes };
  const { privateSize, tableWidths } = scoring.model;
  const adapter = model.adapterOf(fusion.adapter);
  const encodings = encodingsOf(model, adapter);
  const table = fusedTable(model, shared, fusion, inputs, encodings);
  const own = splitShared(scoring.model, shared);
  let frozen: FrozenScorer | null = null;

  const scorer = (keys: Keys): FrozenScorer => {
    if (scoring.attends) return scoring.freeze(table.tables(), own.dense, keys);
    frozen ??= scoring.freeze(table.tables(), own.dense, noKeys);
    return frozen;
  };

  const startOf = (positives: Uint32Array, { ownText }: History) =>
    startVector(
      meanOfRows(table.rows(positives), width),
      ownTextOf(encodings, ownText, itemCount),
      fusion,
      privateSize,
    );

  /** @param rowOf where an item is found in the tables that candidates are of */
  const keysOf = ({ items }: History, rowOf: (item: number) => number): Keys => {
    if (!scoring.attends) return noKeys;
    const latest = latestItems(items, mostKeys);
    const [vectors] = splitColumns(table.rows(latest), [privateSize, width - privateSize]);
    return { rows: latest.map(rowOf), vectors };
  };

  return {
    fitPrivateState(history, random) {
      const positives = distinctItems(history.items);
      const keys = keysOf(history, (item) => item);
      const { vector: start } = startOf(positives, history);
      const vector = fitPrivateVector(scoring.model, scorer(keys), positives, random, start);
      return { vector: scoring.attends ? withKeys(vector, keys) : vector };
    },
    train(history, random) {
      const positives = distinctItems(history.items);
      const examples = drawExamples(positives, itemCount, local.negativesPerPositive, random);
      const before = table.rows(examples.rows);
      const start = startOf(positives, history);
      const slotOf = new Map(Array.from(positives, (item, slot) => [item, slot]));
      const fusedWidths = tableWidths.slice(0, scoring.fusedTables);
      const plain = own.tables.slice(fusedWidths.length).map((values) => rowsOf(values, examples.rows));
      const moved = {
        tables: [...splitColumns(before.slice(), fusedWidths), ...plain.map((values) => values.slice())],
        dense: own.dense.map((values) => values.slice()),
        privateVector: start.vector.slice(),
      };
      const backend = scoring.backend(keysOf(history, (item) => slotOf.get(item) ?? 0));
      const loss = backend.run(moved, localPasses(examples, local, random), local);

      const moves = difference(joinColumns(moved.tables.slice(0, fusedWidths.length), fusedWidths), before);
      const userMoves = difference(moved.privateVector, start.vector);
      const unfused = table.unfused(examples.rows);
      const back = backThroughFusion(moves, unfused, fusion, inputs);
      const { text } = start;
      const contribution = contributionOf(model, {
        positives,
        rows: examples.rows,
        ids: splitColumns(back.ids, fusedWidths),
        plain: plain.map((values, at) => difference(moved.tables[fusedWidths.length + at], values)),
        dense: moved.dense.map((values, at) => difference(values, own.dense[at])),
        fusion: {
          gate: scaled(back.gate, fusionRate),
          textProjection: scaled(back.textProjection, fusionRate),
          attributeVectors: scaled(back.attributeVectors, fusionRate),
          historyWeight: Float32Array.of(fusionRate * dot(start.pooled, 0, userMoves, 0, privateSize)),
          ownTextProjection: text ? outer(text, userMoves, fusionRate) : new Float32Array(0),
        },
        adapter: moveAdapter(model, adapter, fusion, { items: examples.rows, moves, userMoves, history }, random),
      });
      return { contribution, examples: positives.length, loss };
    },
    score({ vector }, out = new Float32Array(itemCount)) {
      const { user, keys } = scoring.attends ? split(vector, privateSize, itemCount) : { user: vector, keys: noKeys };
      scorer(keys).score(user, out);
      return out;
    },
    itemVectors() {
      const [values, second] = table.tables();
      const byDot = specification.scorer.kind === 'dot';
      return { values, width: tableWidths[0], scoring: byDot ? 'dot' : 'other', biases: byDot ? second : null };
    },
  };
}

function encodingsOf(model: OnDeviceModel, adapter: Float32Array | null): RowEncodings | null {
  const { specification, options, meanEncoding: mean } = model;
  if (!specification.features.text) return null;
  if (!options.encodings || !mean) {
    throw new TypeError(`A hybrid model of text needs encodings of its ${specification.itemCount} items; got none.`);
  }
  if (!specification.adapter) return model.frozen;
  if (!options.encoder || !adapter) {
    throw new TypeError(
      "The plan full needs the encoder itself, since its adapter moves the items' encodings; got none.",
    );
  }
  return adaptedEncodings(options.encoder, adapter, mean);
}

/** The items touched last, each once, up to `most` of them. */
function latestItems(items: Uint32Array, most: number): Uint32Array {
  const latest = new Set<number>();
  for (let at = items.length - 1; at >= 0 && latest.size < most; at--) latest.add(items[at]);
  return Uint32Array.from(latest);
}

/** Rows of a table of width 1. */
function rowsOf(values: Float32Array, rows: Uint32Array): Float32Array {
  return Float32Array.from(rows, (row) => values[row]);
}

function difference(after: Float32Array, before: Float32Array): Float32Array {
  const moved = new Float32Array(after.length);
  for (let at = 0; at < after.length; at++) moved[at] = after[at] - before[at];
  return moved;
}

function scaled(values: Float32Array, factor: number): Float32Array {
  return values.map((value) => factor * value);
}

function outer(left: Float32Array, right: Float32Array, factor: number): Float32Array {
  const product = new Float32Array(left.length * right.length);
  for (let k = 0; k < left.length; k++) {
    addScaled(product, k * right.length, factor * left[k], right, 0, right.length);
  }
  return product;
}

/** [u | number of keys | their vectors, zeros after them]: as long for every person. */
function withKeys(user: Float32Array, { vectors }: Keys): Float32Array {
  const state = new Float32Array(user.length * (1 + mostKeys) + 1);
  state.set(user);
  state[user.length] = vectors.length / user.length;
  state.set(vectors, user.length + 1);
  return state;
}

function split(state: Float32Array, size: number, itemCount: number): { user: Float32Array; keys: Keys } {
  const vectors = state.subarray(size + 1, size + 1 + state[size] * size);
  // Which items the keys are of is not kept: what the history's own items would be scored by themselves plays no part.
  return { user: state.subarray(0, size), keys: { rows: new Uint32Array(state[size]).fill(itemCount), vectors } };
}

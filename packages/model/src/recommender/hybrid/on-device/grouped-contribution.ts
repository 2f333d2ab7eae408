/** What training moved, as a contribution by groups. */
import { type LaidOutTensor, tensorOf } from '../../../parameters/layout.ts';
import type { ContributionPart, LocalContribution } from '../../contribution.ts';
import { countUnit, groupOf, type OnDeviceModel } from './model.ts';

export interface HybridMoves {
  /** The device's own items, each once. */
  readonly positives: Uint32Array;
  /** Touched items. */
  readonly rows: Uint32Array;
  /** For each fused table [rows.length, width]. */
  readonly ids: readonly Float32Array[];
  /** For each of the other tables [rows.length]. */
  readonly plain: readonly Float32Array[];
  /** The scorer's own weights, in layout order. */
  readonly dense: readonly Float32Array[];
  /** Empty where the model has no such tensor, or the device says nothing of it. */
  readonly fusion: {
    readonly gate: Float32Array;
    readonly textProjection: Float32Array;
    readonly attributeVectors: Float32Array;
    readonly historyWeight: Float32Array;
    readonly ownTextProjection: Float32Array;
  };
  readonly adapter: Float32Array | null;
}

export function contributionOf(
  { layout, scoring, specification }: OnDeviceModel,
  moves: HybridMoves,
): LocalContribution {
  const { groupScales, groupClip } = specification;
  const tables = [...moves.ids, ...moves.plain];
  const scorer = scoring.model.layout.tensors.map(({ name }, at): [string, Float32Array] => [
    name,
    at < tables.length ? tables[at] : moves.dense[at - tables.length],
  ]);
  const named: readonly [string, Float32Array][] = [
    ...scorer,
    ['item-counts', new Float32Array(moves.positives.length).fill(countUnit)],
    ['gate', moves.fusion.gate],
    ['text-projection', moves.fusion.textProjection],
    ['attribute-vectors', moves.fusion.attributeVectors],
    ['history-weight', moves.fusion.historyWeight],
    ['own-text-projection', moves.fusion.ownTextProjection],
    ['adapter', moves.adapter ?? new Float32Array(0)],
  ];
  const parts = named
    .filter(([, values]) => values.length > 0)
    .map(([name, values]): ContributionPart => {
      const group = groupOf(scoring, name);
      const scale = groupScales[group];
      const grouped = scale === 1 ? values : values.map((value) => scale * value);
      const rows = name === 'item-counts' ? moves.positives : group === 'rows' ? moves.rows : null;
      return { group, ...partOf(tensorOf(layout, name), rows, grouped) };
    });
  return { size: layout.size, parts, ...(groupClip ? { groupShares: { ...groupClip } } : {}) };
}

function partOf({ offset }: LaidOutTensor, rows: Uint32Array | null, values: Float32Array): ContributionPart {
  if (!rows) return { kind: 'dense', offset, values };
  return { kind: 'rows', offset, rowSize: values.length / rows.length, rows, values };
}

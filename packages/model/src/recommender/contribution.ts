/**
 * A device's contribution in compact form: dense blocks and touched rows. It becomes dense before it leaves the device (an
 * upload never says which items were touched); in process, a simulator adds the compact form to its accumulator, which gives
 * the same sum for a fraction of the memory traffic.
 */

/** Rows of a [rows, rowSize] tensor that starts at `offset` of the flat vector. */
export interface TouchedRows {
  readonly kind: 'rows';
  readonly offset: number;
  readonly rowSize: number;
  /** Distinct row indices. */
  readonly rows: Uint32Array;
  /** [rows.length * rowSize]. */
  readonly values: Float32Array;
}

export interface DenseBlock {
  readonly kind: 'dense';
  readonly offset: number;
  readonly values: Float32Array;
}

export type ContributionPart = TouchedRows | DenseBlock;

export interface LocalContribution {
  /** Length of the dense vector. */
  readonly size: number;
  /** Parts that do not overlap; coordinates that no part covers are zero. */
  readonly parts: readonly ContributionPart[];
}

/** L2 norm over all coordinates, in float64. */
export function contributionNorm(contribution: LocalContribution): number {
  let sum = 0;
  for (const part of contribution.parts) {
    const { values } = part;
    for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  }
  return Math.sqrt(sum);
}

/** sum += weight * contribution. `sum` has length `contribution.size` or more (further sections follow it). */
export function accumulateContribution(contribution: LocalContribution, weight: number, sum: Float32Array): void {
  for (const part of contribution.parts) {
    const { values, offset } = part;
    if (part.kind === 'dense') {
      for (let i = 0; i < values.length; i++) sum[offset + i] += weight * values[i];
      continue;
    }
    const { rows, rowSize } = part;
    for (let r = 0; r < rows.length; r++) {
      const to = offset + rows[r] * rowSize;
      const from = r * rowSize;
      for (let c = 0; c < rowSize; c++) sum[to + c] += weight * values[from + c];
    }
  }
}

/** The dense vector, multiplied by `factor`; written to `out` (zeroed first) when given. */
export function scatterContribution(
  contribution: LocalContribution,
  factor = 1,
  out: Float32Array = new Float32Array(contribution.size),
): Float32Array {
  out.fill(0, 0, contribution.size);
  accumulateContribution(contribution, factor, out);
  return out;
}

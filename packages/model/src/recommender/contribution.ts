/**
 * A device's contribution in compact form: dense blocks and touched rows. It becomes dense before it leaves the device (an
 * upload never says which items were touched); in process, a simulator adds the compact form to its accumulator, which gives
 * the same sum for a fraction of the memory traffic.
 */
import { addScaled } from './local-sgd/vector.ts';

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

/** Rows of a [rows, rowSize] tensor that are all multiples of one vector: row rows[r] is factors[r] * vector. */
export interface MultipliedRows {
  readonly kind: 'multiples';
  readonly offset: number;
  readonly rowSize: number;
  /** Distinct row indices. */
  readonly rows: Uint32Array;
  /** [rows.length] */
  readonly factors: Float32Array;
  /** [rowSize] */
  readonly vector: Float32Array;
}

export interface DenseBlock {
  readonly kind: 'dense';
  readonly offset: number;
  readonly values: Float32Array;
}

export type ContributionPart = TouchedRows | MultipliedRows | DenseBlock;

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
    sum += part.kind === 'multiples' ? squareSum(part.factors) * squareSum(part.vector) : squareSum(part.values);
  }
  return Math.sqrt(sum);
}

function squareSum(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  return sum;
}

/** sum += weight * contribution. `sum` has length `contribution.size` or more (further sections follow it). */
export function accumulateContribution(contribution: LocalContribution, weight: number, sum: Float32Array): void {
  for (const part of contribution.parts) {
    if (part.kind === 'dense') addDense(part, weight, sum);
    else if (part.kind === 'rows') addRows(part, weight, sum);
    else addMultiples(part, weight, sum);
  }
}

function addDense({ values, offset }: DenseBlock, weight: number, sum: Float32Array): void {
  addScaled(sum, offset, weight, values, 0, values.length);
}

function addRows({ rows, rowSize, values, offset }: TouchedRows, weight: number, sum: Float32Array): void {
  for (let r = 0; r < rows.length; r++) {
    addScaled(sum, offset + rows[r] * rowSize, weight, values, r * rowSize, rowSize);
  }
}

function addMultiples(part: MultipliedRows, weight: number, sum: Float32Array): void {
  const { rows, rowSize, factors, vector, offset } = part;
  for (let r = 0; r < rows.length; r++) {
    addScaled(sum, offset + rows[r] * rowSize, weight * factors[r], vector, 0, rowSize);
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

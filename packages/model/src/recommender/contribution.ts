/**
 * A device's contribution in compact form: dense blocks and touched rows. It becomes dense before it leaves the device (an
 * upload never says which items were touched); in process, a simulator adds the compact form to its accumulator, which gives
 * the same sum for a fraction of the memory traffic.
 */
import { addScaled } from './local-sgd/vector.ts';

/** What every part may say of itself. */
interface Grouped {
  /** Name of the group that it is clipped with, where a contribution is clipped by groups. */
  readonly group?: string | undefined;
}

/** Rows of a [rows, rowSize] tensor that starts at `offset` of the flat vector. */
export interface TouchedRows extends Grouped {
  readonly kind: 'rows';
  readonly offset: number;
  readonly rowSize: number;
  /** Distinct row indices. */
  readonly rows: Uint32Array;
  /** [rows.length * rowSize]. */
  readonly values: Float32Array;
}

/** Rows of a [rows, rowSize] tensor that are all multiples of one vector: row rows[r] is factors[r] * vector. */
export interface MultipliedRows extends Grouped {
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

export interface DenseBlock extends Grouped {
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
  /**
   * L2 bound of each group as a share of the clip norm, the squares at most 1 together; every part is of a group then. Left out,
   * the parts are clipped as one.
   */
  readonly groupShares?: Readonly<Record<string, number>> | undefined;
}

/** L2 norm over all coordinates, in float64. */
export function contributionNorm({ parts }: LocalContribution): number {
  return Math.sqrt(parts.reduce((sum, part) => sum + partSquareSum(part), 0));
}

/** L2 norm of each group's parts, in float64. */
export function groupNorms({ parts }: LocalContribution): ReadonlyMap<string, number> {
  const squares = new Map<string, number>();
  for (const part of parts) {
    const group = part.group ?? '';
    squares.set(group, (squares.get(group) ?? 0) + partSquareSum(part));
  }
  return new Map(Array.from(squares, ([group, sum]) => [group, Math.sqrt(sum)]));
}

/** The contribution with each group multiplied by its factor, 1 where it has none. */
export function scaleGroups(contribution: LocalContribution, factors: ReadonlyMap<string, number>): LocalContribution {
  const parts = contribution.parts.map((part) => scaledPart(part, factors.get(part.group ?? '') ?? 1));
  return { ...contribution, parts };
}

function scaledPart(part: ContributionPart, factor: number): ContributionPart {
  if (factor === 1) return part;
  if (part.kind === 'multiples') return { ...part, vector: part.vector.map((value) => factor * value) };
  return { ...part, values: part.values.map((value) => factor * value) };
}

function partSquareSum(part: ContributionPart): number {
  return part.kind === 'multiples' ? squareSum(part.factors) * squareSum(part.vector) : squareSum(part.values);
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

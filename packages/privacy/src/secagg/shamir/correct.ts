/**
 * Shares of which some are wrong: Berlekamp and Welch's decoder (Welch and Berlekamp 1986, US patent 4,633,470). With m shares of
 * a polynomial of degree t - 1 up to (m - t) / 2 wrong ones are found.
 */
import { invertPublic, multiplyPublic } from './field.ts';
import type { Share } from './reconstruct.ts';

/** Points at which any symbol of a share is wrong; null when there are too many to tell. */
export function wrongShares(shares: readonly Share[], threshold: number): ReadonlySet<number> | null {
  const wrong = new Set<number>();
  for (let symbol = 0; symbol < 16; symbol++) {
    const values = shares.map(({ value }) => value[2 * symbol] | (value[2 * symbol + 1] << 8));
    const points = wrongPoints(
      shares.map(({ x }) => x),
      values,
      threshold,
    );
    if (!points) return null;
    for (const point of points) wrong.add(point);
  }
  return wrong;
}

/**
 * Solves E(x_i) y_i = Q(x_i) with E monic of degree e, Q of degree below t + e; the polynomial is Q / E and where it differs from
 * y_i the share is wrong.
 */
function wrongPoints(points: readonly number[], values: readonly number[], threshold: number): number[] | null {
  const m = points.length;
  const errors = (m - threshold) >> 1;
  const numerator = threshold + errors;
  const rows = points.map((x, i) => {
    const row = new Uint16Array(numerator + errors + 1);
    let power = 1;
    for (let j = 0; j < numerator; j++) {
      row[j] = power;
      if (j < errors) row[numerator + j] = multiplyPublic(power, values[i]);
      if (j === errors) row[numerator + errors] = multiplyPublic(power, values[i]);
      power = multiplyPublic(power, x);
    }
    return row;
  });
  const solution = solve(rows, numerator + errors);
  if (!solution) return null;
  const locator = [...solution.subarray(numerator), 1];
  const polynomial = divide([...solution.subarray(0, numerator)], locator);
  if (!polynomial) return null;
  const wrong = points.filter((x, i) => evaluate(polynomial, x) !== values[i]);
  return wrong.length <= errors ? wrong : null;
}

/** A solution of the system (free unknowns zero) by Gauss and Jordan; null where there is none. The right side is the last column. */
function solve(rows: Uint16Array[], unknowns: number): Uint16Array | null {
  const pivots: number[] = [];
  let rank = 0;
  for (let column = 0; column < unknowns && rank < rows.length; column++) {
    const pivot = rows.findIndex((row, i) => i >= rank && row[column] !== 0);
    if (pivot < 0) continue;
    [rows[rank], rows[pivot]] = [rows[pivot], rows[rank]];
    const scale = invertPublic(rows[rank][column]);
    const pivotRow = rows[rank].map((value) => multiplyPublic(value, scale));
    rows[rank] = pivotRow;
    for (let i = 0; i < rows.length; i++) {
      const factor = rows[i][column];
      if (i === rank || factor === 0) continue;
      for (let j = column; j <= unknowns; j++) rows[i][j] ^= multiplyPublic(factor, pivotRow[j]);
    }
    pivots.push(column);
    rank += 1;
  }
  if (rows.slice(rank).some((row) => row[unknowns] !== 0)) return null;
  const solution = new Uint16Array(unknowns);
  pivots.forEach((column, i) => {
    solution[column] = rows[i][unknowns];
  });
  return solution;
}

/** Quotient of polynomials, lowest degree first; null where the division leaves something. */
function divide(dividend: number[], divisor: readonly number[]): number[] | null {
  const rest = dividend.slice();
  const quotient = new Array<number>(Math.max(1, rest.length - divisor.length + 1)).fill(0);
  for (let at = rest.length - divisor.length; at >= 0; at--) {
    const factor = rest[at + divisor.length - 1];
    quotient[at] = factor;
    divisor.forEach((value, j) => {
      rest[at + j] ^= multiplyPublic(factor, value);
    });
  }
  return rest.every((value) => value === 0) ? quotient : null;
}

function evaluate(polynomial: readonly number[], x: number): number {
  return polynomial.reduceRight((sum, coefficient) => multiplyPublic(sum, x) ^ coefficient, 0);
}

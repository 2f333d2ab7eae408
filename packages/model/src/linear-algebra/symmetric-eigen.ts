/**
 * Eigendecomposition of a symmetric matrix in float64: Householder tridiagonalisation, then QL with implicit shifts (Bowdler,
 * Martin, Reinsch and Wilkinson 1968, "tred2" and "tql2", as in EISPACK and JAMA). O(d^3): milliseconds at d = 64, about a second
 * at d = 512. The work matrix is kept transposed, so that every inner loop runs along a row.
 */

export interface SymmetricEigen {
  /** [d], in no particular order. */
  readonly values: Float64Array;
  /** [d * d] row-major; row j is the unit eigenvector of values[j]. */
  readonly vectors: Float64Array;
}

/**
 * @param matrix [d * d] row-major, symmetric; not changed
 * @throws RangeError where the matrix holds NaN or infinity
 */
export function symmetricEigen(matrix: Float64Array, d: number): SymmetricEigen {
  for (let i = 0; i < d * d; i++) {
    if (!Number.isFinite(matrix[i])) {
      throw new RangeError('The matrix holds NaN or infinity; only finite numbers have an eigendecomposition.');
    }
  }
  // Scaled to entries of at most 1, so that nothing overflows or underflows on the way.
  const largest = matrix.reduce((most, entry) => Math.max(most, Math.abs(entry)), 0);
  const scale = largest > 0 ? largest : 1;
  const vectors = matrix.map((entry) => entry / scale);
  const work = { vectors, values: new Float64Array(d), side: new Float64Array(d), d };
  tridiagonalise(work);
  diagonalise(work);
  return { values: work.values.map((value) => value * scale), vectors };
}

/** The matrix on its way: `values` the diagonal, `side` the subdiagonal, `vectors` the transposed basis. */
interface Work {
  readonly d: number;
  readonly vectors: Float64Array;
  readonly values: Float64Array;
  readonly side: Float64Array;
}

/** Sum of v[rowA + k] * b[k] for from <= k < to. */
function dotRow(v: Float64Array, row: number, b: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let k = from; k < to; k++) sum += v[row + k] * b[k];
  return sum;
}

function tridiagonalise({ d: n, vectors: v, values: d, side: e }: Work): void {
  for (let j = 0; j < n; j++) d[j] = v[j * n + n - 1];
  for (let i = n - 1; i > 0; i--) {
    let scale = 0;
    for (let k = 0; k < i; k++) scale += Math.abs(d[k]);
    let h = 0;
    if (scale === 0) {
      e[i] = d[i - 1];
      for (let j = 0; j < i; j++) {
        d[j] = v[j * n + i - 1];
        v[j * n + i] = 0;
        v[i * n + j] = 0;
      }
    } else {
      h = reflect(v, d, e, n, i, scale);
    }
    d[i] = h;
  }
  accumulateReflections(v, d, n);
  e[0] = 0;
}

/** One Householder reflection that clears row i left of the subdiagonal; returns its h = u.u / 2. */
function reflect(v: Float64Array, d: Float64Array, e: Float64Array, n: number, i: number, scale: number): number {
  let h = 0;
  for (let k = 0; k < i; k++) {
    d[k] /= scale;
    h += d[k] * d[k];
  }
  const f = d[i - 1];
  const g = f > 0 ? -Math.sqrt(h) : Math.sqrt(h);
  e[i] = scale * g;
  h -= f * g;
  d[i - 1] = f - g;
  e.fill(0, 0, i);
  for (let j = 0; j < i; j++) {
    const u = d[j];
    const row = j * n;
    v[i * n + j] = u;
    let sum = e[j] + v[row + j] * u;
    for (let k = j + 1; k < i; k++) {
      sum += v[row + k] * d[k];
      e[k] += v[row + k] * u;
    }
    e[j] = sum;
  }
  let projection = 0;
  for (let j = 0; j < i; j++) {
    e[j] /= h;
    projection += e[j] * d[j];
  }
  const half = projection / (h + h);
  for (let j = 0; j < i; j++) e[j] -= half * d[j];
  for (let j = 0; j < i; j++) {
    const u = d[j];
    const q = e[j];
    const row = j * n;
    for (let k = j; k < i; k++) v[row + k] -= u * e[k] + q * d[k];
    d[j] = v[row + i - 1];
    v[row + i] = 0;
  }
  return h;
}

function accumulateReflections(v: Float64Array, d: Float64Array, n: number): void {
  for (let i = 0; i < n - 1; i++) {
    v[i * n + n - 1] = v[i * n + i];
    v[i * n + i] = 1;
    const h = d[i + 1];
    const reflection = v.subarray((i + 1) * n, (i + 2) * n);
    if (h !== 0) {
      for (let k = 0; k <= i; k++) d[k] = reflection[k] / h;
      for (let j = 0; j <= i; j++) {
        const row = j * n;
        const g = dotRow(v, row, reflection, 0, i + 1);
        for (let k = 0; k <= i; k++) v[row + k] -= g * d[k];
      }
    }
    reflection.fill(0, 0, i + 1);
  }
  for (let j = 0; j < n; j++) {
    d[j] = v[j * n + n - 1];
    v[j * n + n - 1] = 0;
  }
  v[n * n - 1] = 1;
}

/** QL with implicit shifts on the tridiagonal matrix; rotations are applied to rows of the transposed basis. */
function diagonalise({ d: n, vectors: v, values: d, side: e }: Work): void {
  e.copyWithin(0, 1);
  e[n - 1] = 0;
  // Deflated against the whole matrix, not the rows so far, and looked for again after every sweep: no subdiagonal entry of a sweep
  // is then small enough to underflow on the way and leave 0 / 0.
  let largest = 0;
  for (let l = 0; l < n; l++) largest = Math.max(largest, Math.abs(d[l]) + Math.abs(e[l]));
  const negligible = Number.EPSILON * largest;
  let shift = 0;
  for (let l = 0; l < n; l++) {
    // A finite symmetric tridiagonal matrix converges in two or three sweeps an eigenvalue (Wilkinson 1968).
    for (let m = coupledTo(e, l, n, negligible); m > l; m = coupledTo(e, l, n, negligible)) {
      shift += iterate(v, d, e, n, l, m);
    }
    d[l] += shift;
    e[l] = 0;
  }
}

/** The last row that row l is coupled to through subdiagonal entries that are not negligible. */
function coupledTo(e: Float64Array, l: number, n: number, negligible: number): number {
  let m = l;
  while (m < n - 1 && Math.abs(e[m]) > negligible) m++;
  return m;
}

/** One QL sweep from m down to l; returns the shift that was taken off the diagonal. */
function iterate(v: Float64Array, d: Float64Array, e: Float64Array, n: number, l: number, m: number): number {
  const first = d[l];
  const half = (d[l + 1] - first) / (2 * e[l]);
  const root = half < 0 ? -Math.hypot(half, 1) : Math.hypot(half, 1);
  d[l] = e[l] / (half + root);
  d[l + 1] = e[l] * (half + root);
  const next = d[l + 1];
  const shift = first - d[l];
  for (let i = l + 2; i < n; i++) d[i] -= shift;
  let p = d[m];
  let c = 1;
  let c2 = 1;
  let c3 = 1;
  let s = 0;
  let s2 = 0;
  const sideNext = e[l + 1];
  for (let i = m - 1; i >= l; i--) {
    c3 = c2;
    c2 = c;
    s2 = s;
    const g = c * e[i];
    const h = c * p;
    const r = Math.hypot(p, e[i]);
    e[i + 1] = s * r;
    s = e[i] / r;
    c = p / r;
    p = c * d[i] - s * g;
    d[i + 1] = h + s * (c * g + s * d[i]);
    const low = i * n;
    const high = low + n;
    for (let k = 0; k < n; k++) {
      const a = v[low + k];
      const b = v[high + k];
      v[high + k] = s * a + c * b;
      v[low + k] = c * a - s * b;
    }
  }
  p = (-s * s2 * c3 * sideNext * e[l]) / next;
  e[l] = s * p;
  d[l] = c * p;
  return shift;
}

/**
 * The fast Walsh-Hadamard transform in WGSL, several levels for each pass over memory: a workgroup takes a tile of rows and columns into
 * its own memory, transforms along the rows, and puts it back.
 */

const workgroup = 256;
/** Elements of a tile: 8 KB. */
const tileSize = 2048;
/** Rows of a tile behind the first pass: 32 columns are left, neighbours in memory. */
const laterRows = 64;

/** One pass over a window of n = 2^p elements: the levels of strides `stride`, 2 stride .. rows stride / 2. */
export interface TransformPass {
  readonly stride: number;
  readonly rows: number;
  readonly columns: number;
  readonly tiles: number;
}

/** @param n a power of two */
export function transformPasses(n: number): readonly TransformPass[] {
  const passes: TransformPass[] = [];
  for (let stride = 1; stride < n; stride *= passes[passes.length - 1].rows) {
    const rows = Math.min(stride === 1 ? tileSize : laterRows, n / stride);
    const columns = stride === 1 ? 1 : tileSize / rows;
    passes.push({ stride, rows, columns, tiles: n / (rows * columns) });
  }
  return passes;
}

/** Row r and column c of tile t: with q = t columns + c, element (q div stride) stride rows + r stride + (q mod stride). */
export const walshHadamardShader = /* wgsl */ `
struct Pass { offset: u32, stride: u32, rows: u32, columns: u32, tiles: u32, row: u32 }
@group(0) @binding(0) var<storage, read_write> values: array<f32>;
@group(0) @binding(1) var<uniform> pass_: Pass;
var<workgroup> tile: array<f32, ${tileSize}>;

fn place(t: u32, m: u32) -> u32 {
  let q = t * pass_.columns + m % pass_.columns;
  return pass_.offset + (q / pass_.stride) * pass_.stride * pass_.rows + (m / pass_.columns) * pass_.stride + q % pass_.stride;
}

@compute @workgroup_size(${workgroup})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let t = group.x + group.y * pass_.row;
  let size = pass_.rows * pass_.columns;
  // Tiles behind the last take part in the barriers, and in nothing else.
  if (t < pass_.tiles) {
    for (var m = lane; m < size; m += ${workgroup}u) { tile[m] = values[place(t, m)]; }
  }
  for (var half = 1u; half < pass_.rows; half *= 2u) {
    workgroupBarrier();
    let distance = half * pass_.columns;
    for (var pair = lane; pair < size / 2u; pair += ${workgroup}u) {
      let low = (pair / distance) * 2u * distance + pair % distance;
      let a = tile[low];
      let b = tile[low + distance];
      tile[low] = a + b;
      tile[low + distance] = a - b;
    }
  }
  workgroupBarrier();
  if (t < pass_.tiles) {
    for (var m = lane; m < size; m += ${workgroup}u) { values[place(t, m)] = tile[m]; }
  }
}
`;

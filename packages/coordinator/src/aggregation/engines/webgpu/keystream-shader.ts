/**
 * The mask stream in WGSL: an invocation makes one block of the stream for each seed of a batch, keeps the sums of the block's elements
 * in registers, and adds them to memory once. The keystream is never in memory.
 */
import { elementsPerBlock } from '@tributary/privacy';

export const keystreamWorkgroup = 64;
/** Seeds of one batch: 8 KB, within what every adapter binds as uniform. */
export const mostBatchSeeds = 256;
/** Words before the keys: see `Batch` below. */
export const batchHeaderWords = 4;

const rows = ['a', 'b', 'c', 'd'];
const columns = ['x', 'y', 'z', 'w'];

/**
 * Bits above the b-th of an element are left in: they are multiples of 2^b, and masked when the sum is read.
 * @param bits 8..32: everything that depends on it is written out
 */
export function keystreamShader(bits: number): string {
  const elements = Array.from({ length: elementsPerBlock(bits) }, (_, e) => e);
  return /* wgsl */ `
struct Piece { blocks: u32, first_block: u32, section: u32, row: u32 }
// Seeds to subtract come first; \`gap\` lies between them and those to add. A slice of the batch is for one layer of invocations.
struct Batch { minus: u32, total: u32, gap: u32, slice: u32, keys: array<vec4u, ${2 * mostBatchSeeds}> }

@group(0) @binding(0) var<storage, read_write> sum: array<atomic<u32>>;
@group(0) @binding(1) var<uniform> piece: Piece;
@group(0) @binding(2) var<uniform> batch: Batch;

fn rotate(v: vec4u, left: u32) -> vec4u { return (v << vec4u(left)) | (v >> vec4u(32u - left)); }

@compute @workgroup_size(${keystreamWorkgroup})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let block = id.x + id.y * piece.row;
  if (block >= piece.blocks) { return; }
  let first = id.z * batch.slice;
  let last = min(first + batch.slice, batch.total);
  let constants = vec4u(0x61707865u, 0x3320646eu, 0x79622d32u, 0x6b206574u);
  let position = vec4u(piece.first_block + block, piece.section, 0u, 0u);
${elements.map((e) => `  var s${e} = 0u;`).join('\n')}
  for (var i = first; i < last; i++) {
    if (i == batch.minus) {
${elements.map((e) => `      s${e} = 0u - s${e};`).join('\n')}
    }
    let slot = 2u * (i + select(0u, batch.gap, i >= batch.minus));
    let low = batch.keys[slot];
    let high = batch.keys[slot + 1u];
    var a = constants;
    var b = low;
    var c = high;
    var d = position;
    for (var round = 0u; round < 10u; round++) {
${quarterRounds}
      b = b.yzwx; c = c.zwxy; d = d.wxyz;
${quarterRounds}
      b = b.wxyz; c = c.zwxy; d = d.yzwx;
    }
    a += constants; b += low; c += high; d += position;
${elements.map((e) => `    s${e} += ${elementOf(e * bits, bits)};`).join('\n')}
  }
  if (last <= batch.minus) {
${elements.map((e) => `    s${e} = 0u - s${e};`).join('\n')}
  }
  let at = block * ${elements.length}u;
${elements.map((e) => `  atomicAdd(&sum[at + ${e}u], s${e});`).join('\n')}
}
`;
}

/** Four at once: of the columns, or of the diagonals. */
const quarterRounds = `      a += b; d = rotate(d ^ a, 16u);
      c += d; b = rotate(b ^ c, 12u);
      a += b; d = rotate(d ^ a, 8u);
      c += d; b = rotate(b ^ c, 7u);`;

/** The element at a bit of the block, with what lies above it. */
function elementOf(bit: number, bits: number): string {
  const [word, shift] = [bit >> 5, bit & 31];
  const low = shift === 0 ? wordOf(word) : `(${wordOf(word)} >> ${shift}u)`;
  return shift + bits > 32 ? `(${low} | (${wordOf(word + 1)} << ${32 - shift}u))` : low;
}

const wordOf = (word: number): string => `${rows[word >> 2]}.${columns[word & 3]}`;

/** What adds a part of an uploaded vector to a sum, an element an invocation. */

export const uploadWorkgroup = 256;
/** Words before a part's data: `Header`. */
export const uploadHeaderWords = 4;

const bindings = (element: string) => /* wgsl */ `
// \`first\` is where in the sum the part begins; \`row\` the invocations of one row; \`value\` as below.
struct Header { first: u32, count: u32, row: u32, value: u32 }
struct Part { header: Header, words: array<u32> }

@group(0) @binding(0) var<storage, read_write> sum: array<${element}>;
@group(0) @binding(1) var<storage, read> part: Part;
`;

/**
 * Element e of a part at bits [e b, (e + 1) b), b the header's value. 32 elements are b words, so that no product passes 32 bits.
 * Bits above the b-th are left in, as in the keystream's sums.
 */
export const packedShader = /* wgsl */ `${bindings('u32')}
@compute @workgroup_size(${uploadWorkgroup})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let e = id.x + id.y * part.header.row;
  if (e >= part.header.count) { return; }
  let bits = part.header.value;
  let bit = (e & 31u) * bits;
  let word = (e >> 5u) * bits + (bit >> 5u);
  let shift = bit & 31u;
  var value = part.words[word] >> shift;
  if (shift + bits > 32u) { value |= part.words[word + 1u] << (32u - shift); }
  sum[part.header.first + e] += value;
}
`;

/**
 * The header's value is the weight. Compilers may fuse a product and a sum, which rounds once; they cannot look through \`zero\`, which
 * is zero in every part: the product is rounded before it is added.
 */
export const floatShader = /* wgsl */ `${bindings('f32')}
@group(0) @binding(2) var<uniform> zero: u32;

@compute @workgroup_size(${uploadWorkgroup})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let e = id.x + id.y * part.header.row;
  if (e >= part.header.count) { return; }
  let product = bitcast<f32>(part.header.value) * bitcast<f32>(part.words[e]);
  sum[part.header.first + e] += bitcast<f32>(bitcast<u32>(product) ^ zero);
}
`;

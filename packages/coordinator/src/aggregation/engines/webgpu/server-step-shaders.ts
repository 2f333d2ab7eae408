/** What the server does with a sum of integers, an element an invocation. */
import type { OptimizerDocument } from '@tributary/protocol';

export const stepWorkgroup = 256;

const element = (count: string, row: string) => `
  let i = id.x + id.y * ${row};
  if (i >= ${count}) { return; }`;

/** Lifts the low bits to signed integers, adds noise, keeps the largest absolute value, and divides by the scale. */
export const decodeShader = /* wgsl */ `
struct Shape { count: u32, row: u32, spare: u32, scale: f32 }
@group(0) @binding(0) var<storage, read> sum: array<i32>;
@group(0) @binding(1) var<storage, read> noise: array<i32>;
@group(0) @binding(2) var<storage, read_write> values: array<f32>;
@group(0) @binding(3) var<storage, read_write> largest: atomic<u32>;
@group(0) @binding(4) var<uniform> shape: Shape;
var<workgroup> largest_here: atomic<u32>;

@compute @workgroup_size(${stepWorkgroup})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = id.x + id.y * shape.row;
  if (i < shape.count) {
    let noisy = ((sum[i] << shape.spare) >> shape.spare) + noise[i];
    atomicMax(&largest_here, bitcast<u32>(abs(noisy)));
    values[i] = f32(noisy) / shape.scale;
  }
  workgroupBarrier();
  if (lane == 0u) { atomicMax(&largest, atomicLoad(&largest_here)); }
}
`;

/** x <- D x / sqrt(2^p) over a window: sign e is bit e & 31 of word e >> 5, 1 is minus. */
export const flipShader = /* wgsl */ `
struct Window { count: u32, row: u32, offset: u32, start: u32, scale: f32 }
@group(0) @binding(0) var<storage, read_write> values: array<f32>;
@group(0) @binding(1) var<storage, read> signs: array<u32>;
@group(0) @binding(2) var<uniform> window: Window;

@compute @workgroup_size(${stepWorkgroup})
fn main(@builtin(global_invocation_id) id: vec3u) {${element('window.count', 'window.row')}
  let bit = window.start + i;
  let minus = ((signs[bit >> 5u] >> (bit & 31u)) & 1u) == 1u;
  let scaled = values[window.offset + i] * window.scale;
  values[window.offset + i] = select(scaled, -scaled, minus);
}
`;

/** As ../../../optimizer/optimizer.ts has them, in float32. */
const rules: Readonly<Record<OptimizerDocument['kind'], string>> = {
  fedavg: 'parameters[i] += step.rate * g;',
  fedavgm: `let m = step.beta1 * momentum[i] + g;
  momentum[i] = m;
  parameters[i] += step.rate * m;`,
  fedadagrad: adaptive('v + g * g'),
  fedadam: adaptive('step.beta2 * v + step.rest2 * (g * g)'),
  fedyogi: adaptive('v - step.rest2 * (g * g) * sign(v - g * g)'),
};

function adaptive(rule: string): string {
  return `let m = step.beta1 * momentum[i] + step.rest1 * g;
  let v = second[i];
  let next = ${rule};
  momentum[i] = m;
  second[i] = next;
  parameters[i] += step.rate * m / (sqrt(next) + step.tau);`;
}

export const optimizerShader = (kind: OptimizerDocument['kind']): string => /* wgsl */ `
struct Step { count: u32, row: u32, factor: f32, rate: f32, beta1: f32, rest1: f32, beta2: f32, rest2: f32, tau: f32 }
@group(0) @binding(0) var<storage, read> values: array<f32>;
@group(0) @binding(1) var<storage, read_write> parameters: array<f32>;
@group(0) @binding(2) var<storage, read_write> momentum: array<f32>;
@group(0) @binding(3) var<storage, read_write> second: array<f32>;
@group(0) @binding(4) var<uniform> step: Step;

@compute @workgroup_size(${stepWorkgroup})
fn main(@builtin(global_invocation_id) id: vec3u) {${element('step.count', 'step.row')}
  let g = values[i] * step.factor;
  ${rules[kind]}
}
`;

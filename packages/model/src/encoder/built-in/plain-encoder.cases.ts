/** BERT's forward pass in plain arithmetic, one text at a time: what the built-in encoder says without any backend. */
import { Tokenizer } from '@huggingface/tokenizers';
import type { BuiltInEncoderFiles } from './files.ts';

const width = 128;
const heads = 4;
const epsilon = 1e-12;
const longest = 128;

type Tensors = ReadonlyMap<string, Float32Array>;

/** Reads F32, and I8 with its row scales. */
function readTensors(bytes: Uint8Array): Tensors {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const start = 8 + Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, start))) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const raw = (name: string) => {
    const [from, to] = header[name].data_offsets;
    return bytes.slice(start + from, start + to).buffer;
  };
  const tensors = new Map<string, Float32Array>();
  for (const [name, entry] of Object.entries(header)) {
    if (entry.dtype === 'F32') tensors.set(name, new Float32Array(raw(name)));
    if (entry.dtype !== 'I8') continue;
    const scales = new Float32Array(raw(`${name}.scale`));
    tensors.set(
      name,
      Float32Array.from(new Int8Array(raw(name)), (value, at) => value * scales[Math.floor(at / entry.shape[1])]),
    );
  }
  return tensors;
}

/** Abramowitz and Stegun 7.1.26: within 1.5e-7. */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const tail = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return Math.sign(x) * (1 - tail * Math.exp(-x * x));
}

/** Four outputs at once: four independent sums keep the processor busy. */
function linear(x: Float32Array, weight: Float32Array, bias: Float32Array): Float32Array {
  const outputs = bias.length;
  const inputs = weight.length / outputs;
  const y = new Float32Array((x.length / inputs) * outputs);
  for (let from = 0, to = 0; from < x.length; from += inputs, to += outputs) {
    for (let o = 0; o < outputs; o += 4) {
      let [a, b, c, d] = [bias[o], bias[o + 1], bias[o + 2], bias[o + 3]];
      const at = o * inputs;
      for (let i = 0; i < inputs; i++) {
        const value = x[from + i];
        a += weight[at + i] * value;
        b += weight[at + inputs + i] * value;
        c += weight[at + 2 * inputs + i] * value;
        d += weight[at + 3 * inputs + i] * value;
      }
      y[to + o] = a;
      y[to + o + 1] = b;
      y[to + o + 2] = c;
      y[to + o + 3] = d;
    }
  }
  return y;
}

function addAndNorm(x: Float32Array, y: Float32Array, gain: Float32Array, bias: Float32Array): Float32Array {
  const out = new Float32Array(x.length);
  for (let row = 0; row < x.length; row += width) {
    let mean = 0;
    let square = 0;
    for (let i = 0; i < width; i++) mean += (x[row + i] + y[row + i]) / width;
    for (let i = 0; i < width; i++) square += (x[row + i] + y[row + i] - mean) ** 2 / width;
    for (let i = 0; i < width; i++) {
      out[row + i] = ((x[row + i] + y[row + i] - mean) / Math.sqrt(square + epsilon)) * gain[i] + bias[i];
    }
  }
  return out;
}

function attention(q: Float32Array, k: Float32Array, v: Float32Array): Float32Array {
  const size = width / heads;
  const length = q.length / width;
  const out = new Float32Array(q.length);
  for (let head = 0; head < width; head += size) {
    for (let i = 0; i < length; i++) {
      const weights = Float64Array.from({ length }, (_, j) => {
        let dot = 0;
        for (let c = head; c < head + size; c++) dot += q[i * width + c] * k[j * width + c];
        return Math.exp(dot / Math.sqrt(size));
      });
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      for (let j = 0; j < length; j++) {
        for (let c = head; c < head + size; c++) out[i * width + c] += (weights[j] / total) * v[j * width + c];
      }
    }
  }
  return out;
}

function encodeIds(get: (name: string) => Float32Array, ids: readonly number[], layers: number): Float32Array {
  const vocabulary = get('embeddings.word_embeddings.weight');
  const positions = get('embeddings.position_embeddings.weight');
  const types = get('embeddings.token_type_embeddings.weight');
  const words = new Float32Array(ids.length * width);
  const places = new Float32Array(ids.length * width);
  ids.forEach((id, at) => {
    words.set(vocabulary.subarray(id * width, (id + 1) * width), at * width);
    for (let i = 0; i < width; i++) places[at * width + i] = positions[at * width + i] + types[i];
  });
  const norm = (name: string, x: Float32Array, y: Float32Array) =>
    addAndNorm(x, y, get(`${name}.weight`), get(`${name}.bias`));
  const project = (name: string, x: Float32Array) => linear(x, get(`${name}.weight`), get(`${name}.bias`));
  let x = norm('embeddings.LayerNorm', words, places);
  for (let layer = 0; layer < layers; layer++) {
    const at = `encoder.layer.${layer}`;
    const [q, k, v] = ['query', 'key', 'value'].map((part) => project(`${at}.attention.self.${part}`, x));
    const attended = project(`${at}.attention.output.dense`, attention(q, k, v));
    x = norm(`${at}.attention.output.LayerNorm`, x, attended);
    const inner = project(`${at}.intermediate.dense`, x).map((value) => (value * (1 + erf(value / Math.SQRT2))) / 2);
    x = norm(`${at}.output.LayerNorm`, x, project(`${at}.output.dense`, inner));
  }
  const pooled = new Float32Array(width);
  x.forEach((value, at) => {
    pooled[at % width] += value;
  });
  const length = Math.hypot(...pooled);
  return pooled.map((value) => value / length);
}

/** @returns encodings of unit length, 128 wide */
export function plainEncoder(files: BuiltInEncoderFiles): (text: string) => Float32Array {
  const tensors = readTensors(files.weights);
  const tokenizer = new Tokenizer(JSON.parse(files.texts['tokenizer.json']), {});
  const { num_hidden_layers: layers } = JSON.parse(files.texts['config.json']) as { num_hidden_layers: number };
  const get = (name: string) => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw new Error(`no tensor ${name}`);
    return tensor;
  };
  return (text) => {
    const { ids } = tokenizer.encode(text);
    return encodeIds(get, ids.length > longest ? [...ids.slice(0, longest - 1), ids[ids.length - 1]] : ids, layers);
  };
}

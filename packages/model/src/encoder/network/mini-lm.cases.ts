/** all-MiniLM-L6-v2 for tests and benchmarks: its configuration, and its float32 weights read straight from the file. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BertConfiguration } from '../configuration.ts';
import type { WeightSource } from '../weights.ts';

export const miniLmConfiguration: BertConfiguration = {
  family: 'bert',
  architecture: 'bert',
  hiddenSize: 384,
  layers: 6,
  heads: 12,
  intermediateSize: 1536,
  vocabularySize: 30522,
  maximumPositions: 512,
  layerNormEpsilon: 1e-12,
  activation: 'gelu',
  pooling: 'mean',
  normalise: true,
  embeddingSize: 384,
  typeVocabularySize: 2,
  firstPosition: 0,
  paddingId: 0,
};

/** The float32 tensors of a safetensors file that is known to be sound. */
export function miniLmWeights(folder: string): WeightSource {
  const file = readFileSync(join(folder, 'model.safetensors'));
  const start = 8 + Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString('utf8', 8, start)) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  return {
    names: Object.keys(header),
    shapeOf: (name) => header[name]?.shape,
    read: async (name) => {
      const [from, to] = header[name].data_offsets;
      return new Float32Array(Uint8Array.from(file.subarray(start + from, start + to)).buffer);
    },
  };
}

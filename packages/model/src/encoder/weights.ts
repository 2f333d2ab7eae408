/** Named tensors of an encoder, read one at a time: a large file is never in memory twice. */
export interface WeightSource {
  readonly names: readonly string[];
  /** undefined where there is no such tensor */
  shapeOf(name: string): readonly number[] | undefined;
  /** float32 values, whatever the file's dtype (F32, F16, BF16, I8 with its scale). Throws EncoderError. */
  read(name: string): Promise<Float32Array>;
}

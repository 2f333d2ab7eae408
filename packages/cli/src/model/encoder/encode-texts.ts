/** Encodings of texts by an encoder's folder, loaded for them alone. */
import { encodeOnce, memoryEncodings } from '@tributary/model';
import type { Output } from '../../output/output.ts';
import { loadEncoder } from '../../text/load-encoder.ts';

export interface EncodeTextsOptions {
  readonly backend: string;
  /** Of the progress. */
  readonly title: string;
  readonly output: Output;
  readonly signal: AbortSignal;
}

/** @returns [texts * width] and the width */
export async function encodeTexts(
  model: string,
  texts: readonly string[],
  { backend, title, output, signal }: EncodeTextsOptions,
): Promise<{ readonly width: number; readonly values: Float32Array }> {
  const encoder = await loadEncoder({ model, backend }, output);
  const progress = output.progress(title, texts.length);
  try {
    return await encodeOnce(
      texts,
      {
        hash: encoder.hash,
        adapterHash: null,
        width: encoder.width,
        encode: async (batch) => Float32Array.from((await encoder.encode(batch)).flatMap(({ embedding }) => embedding)),
      },
      memoryEncodings(),
      { onProgress: (done) => progress.update(done), signal },
    );
  } finally {
    progress.stop();
    encoder.dispose();
  }
}

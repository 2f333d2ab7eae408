/** What a host gives a device that is to understand texts: an encoder, and adapters of it to train. */
import type { TextEncoding } from './encode-once.ts';
import type { TrainableEncoder } from './trainable-encoder.ts';

/** LoRA of an encoder whose number of layers the description does not know. */
export interface LoraDescription {
  readonly rank: number;
  /** Scaling is alpha / rank. */
  readonly alpha: number;
  readonly targets: readonly ('query' | 'key' | 'value' | 'attention-output' | 'intermediate' | 'output')[];
  /** Adapted layers, the last ones; null for all. */
  readonly lastLayers: number | null;
  readonly frozenA: boolean;
}

export interface TextModel extends TextEncoding {
  /**
   * Memory at the peak [bytes], an estimate: weights, a pass (with the way back where it trains), and what is kept of so many texts.
   */
  requiredBytes(of: {
    readonly training: boolean;
    readonly texts: number;
    readonly adapter: Pick<LoraDescription, 'lastLayers'> | null;
  }): number;
  /** Encodings of these texts as a function of the adapter's parameters. */
  trainable(texts: readonly string[], adapter: LoraDescription): TrainableEncoder;
}

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
  /** Memory that it takes at the peak [bytes], an estimate; with the way back through all layers where it trains. */
  requiredBytes(training: boolean): number;
  /** Encodings of these texts as a function of the adapter's parameters. */
  trainable(texts: readonly string[], adapter: LoraDescription): TrainableEncoder;
}

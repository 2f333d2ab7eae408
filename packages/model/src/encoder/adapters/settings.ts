/** Which of an encoder's weights are adapted, and how. */

/** A linear map of a layer, by its role in any architecture. GPT-2's fused query, key and value count as all three. */
export type Projection = 'query' | 'key' | 'value' | 'attention-output' | 'intermediate' | 'output';

/**
 * Low-rank adaptation (Hu et al. 2021, "LoRA"): W + (alpha / rank) B A, with B [outputs, rank] and A [rank, inputs].
 *
 * `frozenA` is FFA-LoRA (Sun et al. 2024, "Improving LoRA in privacy-preserving federated learning"): A is drawn once from the
 * encoder's hash, alike on every device, and only B is trained. It is the default wherever updates are summed or noised:
 * - the mean of products is not the product of means: averaging A and B apart gives mean(B) mean(A), which is not mean(B A),
 *   so that a round of plain LoRA moves the model to where no device wanted it; with A common, mean(B) A = mean(B A) exactly;
 * - noise on both factors is multiplied: (B + n)(A + m) has the term n m, and n A + B m grow with the adapter; with A frozen
 *   the noise enters once and linearly;
 * - the upload is half as large, and so is the noise of a given clip norm's dimension.
 */
export interface LoraSettings {
  readonly kind: 'lora';
  /** At least 1. */
  readonly rank: number;
  readonly alpha: number;
  /** Share of a LoRA's inputs dropped in training, in [0, 1). */
  readonly dropout: number;
  readonly targets: readonly Projection[];
  readonly frozenA: boolean;
  /** Layers, counted from 0; all where left out. */
  readonly layers?: readonly number[];
}

/**
 * Bottleneck adapters h + up(relu(down(h))): after attention and feed-forward (Houlsby et al. 2019, "Parameter-efficient
 * transfer learning for NLP") or after feed-forward alone (Pfeiffer et al. 2020, "AdapterFusion").
 */
export interface BottleneckSettings {
  readonly kind: 'houlsby' | 'pfeiffer';
  /** Width of the bottleneck, at least 1. */
  readonly width: number;
  readonly layers?: readonly number[];
}

/**
 * Weights of the encoder itself: its layers' LayerNorms, all its layers' biases (Ben Zaken et al. 2021, "BitFit"), their linear
 * maps' matrices. All three are whole layers, as distillation trains them.
 */
export interface OwnWeightsSettings {
  readonly kind: 'own-weights';
  readonly norms: boolean;
  readonly biases: boolean;
  /** False where left out. Too many numbers for a device's upload. */
  readonly matrices?: boolean;
  readonly layers?: readonly number[];
}

export type AdapterSettings = LoraSettings | BottleneckSettings | OwnWeightsSettings;

/** FFA-LoRA of rank 8 on query and value. */
export const defaultLora: LoraSettings = {
  kind: 'lora',
  rank: 8,
  alpha: 16,
  dropout: 0,
  targets: ['query', 'value'],
  frozenA: true,
};

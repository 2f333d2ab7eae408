/** What a recommender sees of a text encoder whose adapter is trained. */
import type { TensorSpecification } from '../parameters/layout.ts';

/**
 * A text encoder whose adapter is trained: encodings of fixed texts as a differentiable function of the adapter's parameters.
 * Synchronous.
 */
export interface TrainableEncoder {
  /** Length of an encoding. */
  readonly width: number;
  /** Number of texts. */
  readonly texts: number;
  /** Tensors of the adapter that are trained and uploaded (FFA-LoRA: the B matrices only). */
  readonly adapterTensors: readonly TensorSpecification[];
  /** Fresh adapter parameters [size of adapterTensors], with which encode() is the frozen encoder's. */
  initialAdapter(seed: number): Float32Array;
  /** [rows.length * width]; all texts when rows is left out. */
  encode(adapter: Float32Array, rows?: Uint32Array): Float32Array;
  /** Vector-Jacobian product: the gradient of sum(outputGradient * encode(adapter, rows)) with respect to the adapter. */
  gradient(adapter: Float32Array, outputGradient: Float32Array, rows?: Uint32Array): Float32Array;
}

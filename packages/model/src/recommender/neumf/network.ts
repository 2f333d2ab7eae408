/**
 * The shape of NeuMF (He et al. 2017, figure 3): a GMF branch, u * v elementwise, and an MLP of rectified linear layers over
 * [p; q], joined by one linear output. The private vector is [u; p]; q and v are the item's two rows.
 */
export interface NeuMfShape {
  /** Width of u and v. */
  readonly dimension: number;
  /** Width of p and q. */
  readonly mlpDimension: number;
  /** Widths of the hidden layers, first to last; at least one. */
  readonly hiddenLayers: readonly number[];
}

/** The dense parameters in layout order: for each hidden layer its weights [out, in] and biases [out], then the output's. */
export function neuMfDenseTensors(shape: NeuMfShape): { readonly name: string; readonly shape: readonly number[] }[] {
  const tensors: { name: string; shape: readonly number[] }[] = [];
  let inputs = 2 * shape.mlpDimension;
  shape.hiddenLayers.forEach((width, layer) => {
    tensors.push({ name: `hidden-${layer + 1}.weights`, shape: [width, inputs] });
    tensors.push({ name: `hidden-${layer + 1}.biases`, shape: [width] });
    inputs = width;
  });
  tensors.push({ name: 'output.weights', shape: [shape.dimension + inputs] });
  tensors.push({ name: 'output.bias', shape: [1] });
  return tensors;
}

/** Views of the dense parameters by what they are for. */
export interface NeuMfWeights {
  readonly hidden: readonly { readonly weights: Float32Array; readonly biases: Float32Array }[];
  /** [dimension + last hidden width]. */
  readonly output: Float32Array;
  /** [1] */
  readonly outputBias: Float32Array;
}

export function neuMfWeights(dense: readonly Float32Array[]): NeuMfWeights {
  const hidden = [];
  for (let at = 0; at + 2 < dense.length; at += 2) hidden.push({ weights: dense[at], biases: dense[at + 1] });
  return { hidden, output: dense[dense.length - 2], outputBias: dense[dense.length - 1] };
}

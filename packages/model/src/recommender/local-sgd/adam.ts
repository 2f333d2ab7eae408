/** Adam (Kingma and Ba 2015, algorithm 1) on a flat vector. */
export interface AdamOptions {
  readonly learningRate: number;
  readonly beta1?: number;
  readonly beta2?: number;
  /** Added to the root of the second moment. */
  readonly epsilon?: number;
}

/** @returns a function that moves `parameters` in place one step down the gradient. */
export function createAdam(
  size: number,
  { learningRate, beta1 = 0.9, beta2 = 0.99, epsilon = 1e-8 }: AdamOptions,
): (parameters: Float32Array, gradient: Float32Array) => void {
  const first = new Float32Array(size);
  const second = new Float32Array(size);
  let steps = 0;
  return (parameters, gradient) => {
    steps++;
    const rate = learningRate / (1 - beta1 ** steps);
    const correction = 1 / (1 - beta2 ** steps);
    for (let i = 0; i < size; i++) {
      const g = gradient[i];
      first[i] = beta1 * first[i] + (1 - beta1) * g;
      second[i] = beta2 * second[i] + (1 - beta2) * g * g;
      parameters[i] -= (rate * first[i]) / (Math.sqrt(second[i] * correction) + epsilon);
    }
  };
}

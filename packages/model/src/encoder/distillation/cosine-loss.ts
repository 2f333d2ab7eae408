export interface CosineLoss {
  /** Mean of 1 - cosine over the rows, in [0, 2]. */
  readonly loss: number;
  /** Of the loss with respect to the outputs, [rows * width]; 0 for a row where either vector is 0. */
  readonly gradient: Float32Array;
}

/** How far rows [rows * width] point from their targets [rows * width], whatever their lengths. */
export function cosineLoss(outputs: Float32Array, targets: Float32Array, width: number): CosineLoss {
  const rows = outputs.length / width;
  const gradient = new Float32Array(outputs.length);
  let sum = 0;
  for (let from = 0; from < outputs.length; from += width) {
    let dot = 0;
    let squares = 0;
    let targetSquares = 0;
    for (let i = from; i < from + width; i++) {
      dot += outputs[i] * targets[i];
      squares += outputs[i] ** 2;
      targetSquares += targets[i] ** 2;
    }
    const norms = Math.sqrt(squares * targetSquares);
    const cosine = norms === 0 ? 0 : dot / norms;
    sum += 1 - cosine;
    if (norms === 0) continue;
    for (let i = from; i < from + width; i++) {
      gradient[i] = ((cosine * outputs[i]) / squares - targets[i] / norms) / rows;
    }
  }
  return { loss: sum / rows, gradient };
}

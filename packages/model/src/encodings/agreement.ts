/** How far two encoders agree on the same texts: what is lost by a smaller one. */

export interface EncodingAgreement {
  readonly texts: number;
  /** Over the texts, of the cosine between the two encodings of one; 1: the same direction. */
  readonly meanCosine: number;
  readonly minimumCosine: number;
  /**
   * Mean cosine after each encoder's mean over the texts is taken away: what of the agreement is about this text and not that one.
   * Where all encodings have one direction in common, the plain cosine is near 1 for encoders that tell texts apart quite differently.
   */
  readonly centredCosine: number;
  /** Neighbours compared for each text: `neighbours` of the call, or all others where there are fewer. */
  readonly neighbours: number;
  /** Mean share, in [0, 1], of a text's nearest neighbours by cosine that are nearest by both. */
  readonly neighbourOverlap: number;
}

/**
 * @param reference [texts * width]
 * @param other [texts * width], of the same texts
 * @param neighbours >= 1; 10 by default
 * @throws RangeError unless both have the same whole number of texts, at least 2
 */
export function encodingAgreement(
  reference: Float32Array,
  other: Float32Array,
  width: number,
  neighbours = 10,
): EncodingAgreement {
  const texts = reference.length / width;
  if (other.length !== reference.length || !Number.isInteger(texts) || texts < 2) {
    throw new RangeError(
      `${reference.length} and ${other.length} values of width ${width} are not two encodings of the same two or more texts.`,
    );
  }
  const [a, b] = [unitRows(reference, width), unitRows(other, width)];
  const [centredA, centredB] = [reference, other].map((values) => unitRows(centred(values, width), width));
  let centredSum = 0;
  const compared = Math.min(neighbours, texts - 1);
  let sum = 0;
  let minimum = 1;
  let shared = 0;
  for (let text = 0; text < texts; text++) {
    const cosine = Math.max(-1, Math.min(1, dot(a, text, b, text, width)));
    sum += cosine;
    centredSum += dot(centredA, text, centredB, text, width);
    minimum = Math.min(minimum, cosine);
    const others = new Set(nearest(b, text, width, compared));
    shared += nearest(a, text, width, compared).filter((row) => others.has(row)).length;
  }
  return {
    texts,
    meanCosine: sum / texts,
    minimumCosine: minimum,
    centredCosine: centredSum / texts,
    neighbours: compared,
    neighbourOverlap: shared / (texts * compared),
  };
}

/** The rows nearest to a row, without itself; of equally near ones the first. */
function nearest(unit: Float32Array, row: number, width: number, count: number): number[] {
  const found: { row: number; cosine: number }[] = [];
  for (let candidate = 0; candidate * width < unit.length; candidate++) {
    if (candidate === row) continue;
    const cosine = dot(unit, row, unit, candidate, width);
    if (found.length === count && cosine <= found[count - 1].cosine) continue;
    let at = found.length;
    while (at > 0 && found[at - 1].cosine < cosine) at--;
    found.splice(at, 0, { row: candidate, cosine });
    found.length = Math.min(found.length, count);
  }
  return found.map((one) => one.row);
}

function centred(values: Float32Array, width: number): Float32Array {
  const mean = new Float64Array(width);
  const texts = values.length / width;
  for (let i = 0; i < values.length; i++) mean[i % width] += values[i] / texts;
  return values.map((value, i) => value - mean[i % width]);
}

function unitRows(values: Float32Array, width: number): Float32Array {
  const unit = new Float32Array(values.length);
  for (let from = 0; from < values.length; from += width) {
    const norm = Math.sqrt(dot(values, from / width, values, from / width, width));
    for (let i = from; i < from + width; i++) unit[i] = norm === 0 ? 0 : values[i] / norm;
  }
  return unit;
}

function dot(a: Float32Array, rowOfA: number, b: Float32Array, rowOfB: number, width: number): number {
  let sum = 0;
  for (let i = 0; i < width; i++) sum += a[rowOfA * width + i] * b[rowOfB * width + i];
  return sum;
}

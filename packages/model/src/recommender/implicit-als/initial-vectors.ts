/** The first item vectors. */
import { seededRandom } from '../../random/seeded.ts';
import type { ImplicitAlsSpecification } from '../specification.ts';
import type { Regressors } from './shrinkage.ts';

/**
 * Gaussian vectors; with one common to all, and one for each feature about its mean, where the specification has them. The common
 * one lets the first round learn what is popular, those of features what is alike: under noise, rounds are few.
 *
 * @param features asked for only where the specification starts from them
 * @returns [itemCount * dimension]
 */
export function initialVectors(
  specification: ImplicitAlsSpecification,
  features: () => Regressors,
  seed: number,
): Float32Array {
  const { itemCount, dimension: d, initialScale, initialCommonScale = 0, initialAttributeScale = 0 } = specification;
  const random = seededRandom(seed);
  const scaled = (scale: number) => (scale / Math.sqrt(d)) * random.gaussian();
  const vectors = Float32Array.from({ length: itemCount * d }, () => scaled(initialScale));
  if (initialCommonScale > 0) {
    const common = Float64Array.from({ length: d }, () => scaled(initialCommonScale));
    for (let at = 0; at < vectors.length; at++) vectors[at] += common[at % d];
  }
  if (initialAttributeScale > 0) {
    const { columns, values } = features();
    for (let column = 0; column < columns; column++) {
      const own = Float64Array.from({ length: d }, () => scaled(initialAttributeScale));
      let sum = 0;
      for (let at = column; at < values.length; at += columns) sum += values[at];
      const mean = sum / itemCount;
      for (let item = 0, at = 0; item < itemCount; item++) {
        const centred = values[item * columns + column] - mean;
        for (let k = 0; k < d; k++, at++) vectors[at] += centred * own[k];
      }
    }
  }
  return vectors;
}

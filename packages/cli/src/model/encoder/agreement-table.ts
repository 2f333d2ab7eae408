import type { EncodingAgreement } from '@tributary/model';
import { textTable } from '../../output/table.ts';

/** Agreements with one reference, a row each. */
export function agreementTable(rows: readonly (readonly [name: string, EncodingAgreement])[]): string {
  return textTable(
    ['encodings', 'texts', 'mean cosine', 'least cosine', 'about the mean', 'shared neighbours'],
    rows.map(([name, { texts, meanCosine, minimumCosine, centredCosine, neighbours, neighbourOverlap }]) => [
      name,
      String(texts),
      meanCosine.toFixed(4),
      minimumCosine.toFixed(4),
      centredCosine.toFixed(4),
      `${(100 * neighbourOverlap).toFixed(1)} % of ${neighbours}`,
    ]),
  );
}

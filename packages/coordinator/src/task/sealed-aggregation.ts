/** Plan `sealed`: each contribution is opened by the coordinator, checked, and added to a float32 sum. */
import { createSealingKeys, type SecureRandom, sealedLength } from '@tributary/privacy';
import { payloadBytes, payloadLength, type RoundDescriptor } from '@tributary/protocol';
import { type Accumulator, createAccumulator } from '../aggregation/accumulator.ts';
import type { Aggregations } from './aggregation.ts';
import { createSealedUploads } from './sealed-uploads.ts';
import type { UploadsOptions } from './uploads.ts';

export function createSealedAggregations(
  options: Pick<UploadsOptions, 'places' | 'idleMilliseconds'> & {
    readonly sections: RoundDescriptor['sections'];
    readonly random: SecureRandom;
  },
): Aggregations {
  const { sections, random, places, idleMilliseconds } = options;
  /** The accumulator is one model of memory: kept from round to round. */
  let spare: Accumulator | null = null;
  return {
    uploadBytes: sealedLength(payloadBytes(sections)),
    prepare() {
      const sealingKeys = createSealingKeys(random);
      return {
        sealingKey: sealingKeys.publicKey,
        secure: null,
        start({ descriptor }) {
          const accumulator = spare ?? createAccumulator(payloadLength(sections));
          spare = null;
          accumulator.reset();
          const uploads = createSealedUploads({
            descriptor,
            sealingKeys,
            places,
            idleMilliseconds,
            add: ({ vector }) => accumulator.add(vector, 1),
          });
          return {
            uploads,
            secure: null,
            fill: null,
            openSum: async () => accumulator.values,
            dispose() {
              uploads.end();
              accumulator.reset();
              spare = accumulator;
            },
          };
        },
      };
    },
  };
}

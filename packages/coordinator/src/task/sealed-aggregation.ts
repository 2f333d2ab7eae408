/** Plan `sealed`: each contribution is opened by the coordinator, checked, and added to a float32 sum. */
import { createSealingKeys, type SecureRandom, sealedLength } from '@tributary/privacy';
import { payloadBytes, payloadLength, type RoundDescriptor } from '@tributary/protocol';
import type { RoundEngines, RoundFloatSum } from '../aggregation/engines/round-engines.ts';
import type { Aggregations } from './aggregation.ts';
import { createSealedUploads } from './sealed-uploads.ts';
import type { UploadsOptions } from './uploads.ts';

export function createSealedAggregations(
  options: Pick<UploadsOptions, 'places' | 'idleMilliseconds'> & {
    readonly sections: RoundDescriptor['sections'];
    readonly random: SecureRandom;
    readonly engines: RoundEngines;
  },
): Aggregations {
  const { sections, random, engines, places, idleMilliseconds } = options;
  /** The sum is one model of memory: kept from round to round. */
  let spare: RoundFloatSum | null = null;
  return {
    uploadBytes: sealedLength(payloadBytes(sections)),
    prepare() {
      const sealingKeys = createSealingKeys(random);
      return {
        sealingKey: sealingKeys.publicKey,
        secure: null,
        start({ descriptor }) {
          const sum = spare ?? engines.createFloatSum(payloadLength(sections));
          spare = null;
          let opened: Float32Array | null = null;
          const uploads = createSealedUploads({
            descriptor,
            sealingKeys,
            places,
            idleMilliseconds,
            add: ({ vector }) => sum.add(vector, 1),
          });
          return {
            uploads,
            secure: null,
            fill: null,
            get engine() {
              return sum.engine;
            },
            async openSum() {
              opened = await sum.finish();
              return opened;
            },
            dispose() {
              uploads.end();
              sum.reset();
              opened?.fill(0);
              spare = sum;
            },
          };
        },
      };
    },
  };
}

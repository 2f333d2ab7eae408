/** Plan `sealed`: each contribution is opened by the coordinator, checked, and added to a float32 sum. */
import { createSealingKeys, type SecureRandom, sealedLength } from '@tributary/privacy';
import { payloadBytes, payloadLength, type RoundDescriptor } from '@tributary/protocol';
import type { RoundEngines, RoundFloatSum } from '../aggregation/engines/round-engines.ts';
import { OpeningError } from '../release/opening-error.ts';
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
  let closed = false;
  return {
    uploadBytes: sealedLength(payloadBytes(sections)),
    async close() {
      closed = true;
      await spare?.close();
      spare = null;
    },
    prepare() {
      const sealingKeys = createSealingKeys(random);
      return {
        sealingKey: sealingKeys.publicKey,
        secure: null,
        start({ descriptor }, _devices, port) {
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
              try {
                opened = await sum.finish();
                return opened;
              } catch (cause) {
                port.failed(cause);
                throw new OpeningError('the sum was lost with the device that it was on', { cause });
              }
            },
            dispose() {
              uploads.end();
              sum.reset();
              opened?.fill(0);
              if (closed) void sum.close();
              else spare = sum;
            },
          };
        },
      };
    },
  };
}

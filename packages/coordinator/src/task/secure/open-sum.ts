/** The opening of a masked sum: secrets are put together, their masks taken off, and the integers read as numbers again. */
import { SecureAggregationError, type SecureRound, type SecureServer } from '@tributary/privacy';
import type { RoundDescriptor } from '@tributary/protocol';
import type { ModularSum } from '../../aggregation/engines/engine.ts';
import { unmask } from '../../aggregation/unmask.ts';
import { OpeningError } from '../../release/opening-error.ts';
import { type IntegerNoise, type OpenedSum, readSecureSum } from '../../round/read-secure-sum.ts';

/** @throws OpeningError when shares do not give what was committed to, or the engine fails: nothing of the sum is known then */
export async function openSum(
  round: SecureRound,
  descriptor: RoundDescriptor,
  masked: {
    readonly server: Pick<SecureServer, 'opening'>;
    /** The masked sum; finished then, or of no use. */
    readonly sum: ModularSum;
    /** Of the coordinator; null where it adds none. */
    readonly noise: IntegerNoise | null;
    /** What failed that is no device's fault; for the log. */
    failed(error: unknown): void;
  },
): Promise<OpenedSum> {
  const { server, sum, noise, failed } = masked;
  let sums: readonly Uint32Array[] = [];
  try {
    const { masks, uploaded } = server.opening();
    if (uploaded < round.minimum) {
      throw new OpeningError(`${uploaded} contributions are in the sum; at least ${round.minimum} are needed`);
    }
    sums = await unmask(sum, masks);
    return readSecureSum(sums, descriptor, round.roundHash, noise);
  } catch (error) {
    if (error instanceof OpeningError) throw error;
    if (error instanceof SecureAggregationError) throw new OpeningError(error.message, { cause: error });
    failed(error);
    throw new OpeningError('the masks could not be taken off the sum; try a smaller cohort if memory is short', {
      cause: error,
    });
  } finally {
    for (const values of sums) values.fill(0);
  }
}

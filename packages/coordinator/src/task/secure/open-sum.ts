/** The opening of a masked sum: secrets are put together, their masks taken off, and the integers read as numbers again. */
import {
  type ModularAccumulator,
  SecureAggregationError,
  type SecureRound,
  type SecureServer,
} from '@tributary/privacy';
import type { RoundDescriptor } from '@tributary/protocol';
import { unmask } from '../../aggregation/unmask.ts';
import { OpeningError } from '../../release/opening-error.ts';
import { type IntegerNoise, type OpenedSum, readSecureSum } from '../../round/read-secure-sum.ts';

/** @throws OpeningError when shares do not give what was committed to, or a thread fails: nothing of the sum is known then */
export async function openSum(
  round: SecureRound,
  descriptor: RoundDescriptor,
  masked: {
    readonly server: Pick<SecureServer, 'opening'>;
    /** The masked sum. */
    readonly accumulators: readonly ModularAccumulator[];
    /** Of the coordinator; null where it adds none. */
    readonly noise: IntegerNoise | null;
    /** What failed that is no device's fault; for the log. */
    failed(error: unknown): void;
  },
): Promise<OpenedSum> {
  const { server, accumulators, noise, failed } = masked;
  const sums = accumulators.map((accumulator) => accumulator.values());
  try {
    const { masks, count, uploaded } = server.opening();
    if (uploaded < round.minimum) {
      throw new OpeningError(`${uploaded} contributions are in the sum; at least ${round.minimum} are needed`);
    }
    await unmask({ sections: round.sections, sums, masks, count });
    return readSecureSum(sums, descriptor, round.roundHash, noise);
  } catch (error) {
    if (error instanceof OpeningError) throw error;
    if (error instanceof SecureAggregationError) throw new OpeningError(error.message, { cause: error });
    failed(error);
    throw new OpeningError('the masks could not be taken off the sum; try a smaller cohort if memory is short', {
      cause: error,
    });
  } finally {
    for (const sum of sums) sum.fill(0);
  }
}

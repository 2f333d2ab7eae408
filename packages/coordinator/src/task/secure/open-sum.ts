/** The opening of a masked sum: secrets are put together, their masks taken off, and the integers read as numbers again. */
import {
  decodeSum,
  type ModularAccumulator,
  SecureAggregationError,
  type SecureRound,
  type SecureServer,
} from '@tributary/privacy';
import { evaluationUnit, payloadLength, type RoundDescriptor } from '@tributary/protocol';
import { unmask } from '../../aggregation/unmask.ts';
import { OpeningError } from '../../release/opening-error.ts';
import { encodingsOf } from '../../round/secure-plan.ts';

export interface OpenedSum {
  /** [contribution | evaluation | weight], as a sealed round's sum. */
  readonly sum: Float32Array;
  /** Largest rotated coordinate of the contributions' sum over what its integers hold, in [0, 1]; near 1 it may have wrapped. */
  readonly fill: number;
}

/** @throws OpeningError when shares do not give what was committed to, or a thread fails: nothing of the sum is known then */
export async function openSum(
  round: SecureRound,
  descriptor: RoundDescriptor,
  masked: {
    readonly server: Pick<SecureServer, 'opening'>;
    /** The masked sum. */
    readonly accumulators: readonly ModularAccumulator[];
    /** What failed that is no device's fault; for the log. */
    failed(error: unknown): void;
  },
): Promise<OpenedSum> {
  const { server, accumulators, failed } = masked;
  const sums = accumulators.map((accumulator) => accumulator.values());
  try {
    const { masks, count, uploaded } = server.opening();
    if (uploaded < round.minimum) {
      throw new OpeningError(`${uploaded} contributions are in the sum; at least ${round.minimum} are needed`);
    }
    await unmask({ sections: round.sections, sums, masks, count });
    return decoded(sums, round, descriptor);
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

function decoded(sums: readonly Uint32Array[], round: SecureRound, descriptor: RoundDescriptor): OpenedSum {
  const { sections, clipNorm, evaluationScale, secure } = descriptor;
  if (!secure) throw new OpeningError('the round is sealed');
  const [contribution, metrics] = encodingsOf({ ...descriptor, secure });
  const sum = new Float32Array(payloadLength(sections));
  const { values, fill } = decodeSum(sums[0], contribution, round.roundHash);
  sum.set(values);
  values.fill(0);
  sum.set(decodeSum(sums[1], metrics, round.roundHash).values, sections.contribution);
  const unit = evaluationUnit(clipNorm, evaluationScale);
  for (let i = 0; i < sections.evaluation; i++) sum[sections.contribution + i] *= unit;
  return { sum, fill };
}

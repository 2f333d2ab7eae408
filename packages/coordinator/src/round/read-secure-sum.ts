/** The integers of an opened sum as numbers again. */
import { decodeSum } from '@tributary/privacy';
import { evaluationUnit, payloadLength, type RoundDescriptor } from '@tributary/protocol';
import { encodingsOf, SecurePlanError } from './secure-plan.ts';

export interface OpenedSum {
  /** [contribution | evaluation | weight], as a sealed round's sum. */
  readonly sum: Float32Array;
  /** Largest rotated coordinate of the contributions' sum over what its integers hold, in [0, 1]; near 1 it may have wrapped. */
  readonly fill: number;
}

/**
 * @param sums of the two sections, modulo 2^bits or any multiple of it
 * @param roundHash 32 bytes
 * @throws SecurePlanError where the round is sealed
 */
export function readSecureSum(
  sums: readonly Uint32Array[],
  descriptor: Pick<RoundDescriptor, 'sections' | 'clipNorm' | 'evaluationScale' | 'secure'>,
  roundHash: Uint8Array,
): OpenedSum {
  const { sections, clipNorm, evaluationScale, secure } = descriptor;
  if (!secure) throw new SecurePlanError('The round is sealed.');
  const [contribution, metrics] = encodingsOf({ ...descriptor, secure });
  const sum = new Float32Array(payloadLength(sections));
  const { values, fill } = decodeSum(sums[0], contribution, roundHash);
  sum.set(values);
  sum.set(decodeSum(sums[1], metrics, roundHash).values, sections.contribution);
  const unit = evaluationUnit(clipNorm, evaluationScale);
  for (let i = 0; i < sections.evaluation; i++) sum[sections.contribution + i] *= unit;
  return { sum, fill };
}
